// SPDX-License-Identifier: Apache-2.0
// All that a filter may know of the request it is at, and what it may ask for. Lives until the last byte of the
// response is written; belongs to one worker.

#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/arena.hpp"
#include "base/result.hpp"
#include "filters/state.hpp"
#include "http/caller.hpp"
#include "http/grpc.hpp"
#include "http/incoming.hpp"
#include "http/message.hpp"
#include "model/parts.hpp"
#include "net/task.hpp"
#include "net/timer_wheel.hpp"
#include "syntax/address.hpp"

namespace sallyport::filters {

// What the routing table said. Null or empty before the rule was chosen.
struct Match {
  const model::Rule* rule = nullptr;
  std::string_view prefix;  // the part of the path that the rule's path stands for
};

// What the access log says beside the request and its outcome.
struct LogRecord {
  std::string_view path;  // as it came, where a filter changed it
  std::string_view request_id;
  std::string_view rule;                          // where it is written, as JSON; empty if none fits
  std::string_view backend;                       // id
  std::optional<syntax::SocketAddress> endpoint;  // that answered, or was tried last
  unsigned attempts = 0;                          // connections tried
  std::optional<http::GrpcStatus> grpc_status;    // of a call of gRPC, as its client has it
};

class Exchange {
 public:
  Exchange(http::Incoming& of, const model::Listener& at, WorkerStates& states, http::Caller& by,
           const std::array<std::uint64_t, 2>& number)
      : incoming(of),
        listener(at),
        scheme(of.connection.is_secure ? "https" : "http"),
        tls_policy(of.connection.tls_policy),
        client(of.connection.client.ip),
        caller(by),
        random(number),
        states_(states) {}
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  http::Incoming& incoming;
  const model::Listener& listener;
  std::string_view scheme;                // that the client speaks: "http" or "https"
  std::string_view tls_policy;            // id of the one that the connection was made under; empty on cleartext
  syntax::IpAddress client;               // who asks: whose connection it is, or whom a trusted proxy names
  net::Time deadline = net::Time::max();  // for the head of the response
  Match match;
  LogRecord log;
  http::Caller& caller;
  std::array<std::uint64_t, 2> random;  // this request's own

  http::RequestHead& request() { return incoming.request.head; }
  Arena& arena() { return incoming.arena; }

  // What a filter remembers under a stable key: for this worker, or for the process (T of atomics then).
  template <class T>
  T& state(std::string_view key) {
    return states_.own<T>(key);
  }
  template <class T>
  T& shared(std::string_view key) {
    return states_.shared<T>(key);
  }

  // Goes on with the next rule that fits, as if this one had not been there.
  virtual net::Task<Result<http::Response>> reroute() = 0;

  // Tells the client something before the answer (1xx).
  net::Task<Result<void>> interim(const http::ResponseHead& head) { return incoming.interim.interim(head); }

  // call(const http::Outcome&) once, after the last byte of the response. False: the request has no room left for it. A
  // tunnel may outlive the snapshot that its filters are part of, so `call` has to hold what it uses.
  template <class Call>
  [[nodiscard]] bool after_last_byte(Call call) {
    return incoming.after_last_byte(std::move(call));
  }

 protected:
  virtual ~Exchange() = default;

 private:
  WorkerStates& states_;
};

}  // namespace sallyport::filters
