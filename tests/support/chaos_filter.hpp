// SPDX-License-Identifier: Apache-2.0
// A filter that does, at one point of a request, one of all the things that a filter may do, or lets the world change
// while it waits. It acts once; later requests pass.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "filters/filter.hpp"
#include "http/body.hpp"
#include "support/gate.hpp"

namespace sallyport::support {

struct Chaos {
  enum class Point : std::uint8_t {
    before_next,
    after_next,
    interim,        // beside one that it sends itself
    request_first,  // a read of the request's body
    request_second,
    response_first,  // a read of the response's
    response_second,
    last_byte,
  };
  enum class Action : std::uint8_t {
    nothing,
    answer,        // by itself
    fail,          // with an error of the gateway
    give_up,       // as if the client were gone
    suspend,       // until the gate opens; what happens meanwhile is the test's
    reroute,       //
    call,          // asks the backend "side", and reads the answer
    drop_call,     // does not read it
    suspend_call,  // asks after it has waited
    again,         // asks the rest of the chain twice
    cancel,        // asks it, waits, drops it and answers
  };

  // A frame or a body of the filter lives.
  class Alive {
   public:
    explicit Alive(Chaos& of) : chaos_(of) { ++chaos_.alive; }
    Alive(const Alive&) = delete;
    Alive& operator=(const Alive&) = delete;
    ~Alive() { --chaos_.alive; }

   private:
    Chaos& chaos_;
  };

  Point point = Point::before_next;
  Action action = Action::nothing;
  Gate gate;
  bool acted = false;  // the point was reached
  int alive = 0;
};

class ChaosFilter final : public filters::Filter {
 public:
  using Answer = Result<http::Response>;

  // `chaos` outlives all requests.
  explicit ChaosFilter(Chaos& chaos) : chaos_(chaos) {}

  net::Task<Answer> handle(filters::Exchange& exchange, filters::Next next) const override;

 private:
  net::Task<std::optional<Answer>> act(filters::Exchange& exchange, filters::Next next) const;

  Chaos& chaos_;
};

}  // namespace sallyport::support
