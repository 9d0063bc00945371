// SPDX-License-Identifier: Apache-2.0
// One request's way through the gateway: the listener's chain, the choice of a rule, the rule's chain, the choice of a
// destination, the destination's chain, the upstream.
//
// Serves from one snapshot from its beginning to its last byte.

#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "base/result.hpp"
#include "filters/exchange.hpp"
#include "filters/filter.hpp"
#include "http/caller.hpp"
#include "http/incoming.hpp"
#include "net/task.hpp"
#include "proxy/hold.hpp"
#include "proxy/serving.hpp"
#include "routing/snapshot.hpp"

namespace sallyport::proxy {

class Passage final : public filters::Exchange {
 public:
  Passage(http::Incoming& incoming, Hold<Serving> serving, const routing::Listener& listener,
          filters::WorkerStates& states, const std::array<std::uint64_t, 2>& number);
  ~Passage() override = default;

  net::Task<Result<http::Response>> run();
  net::Task<Result<http::Response>> reroute() override { return run_next_rule(); }

  // Null until one was chosen.
  Pool* pool() const { return pool_; }

 private:
  template <net::Task<Result<http::Response>> (Passage::*Run)()>
  struct At final : filters::Stage {
    explicit At(Passage& of) : passage(of) {}
    net::Task<Result<http::Response>> run() override { return (passage.*Run)(); }
    Passage& passage;
  };

  // For filters that ask something of their own.
  struct Calls final : http::Caller {
    explicit Calls(Passage& of) : passage(of) {}
    net::Task<Result<http::Response>> call(std::string_view backend, const http::Request& request, Arena& arena,
                                           http::CallLimits limits) override;
    Passage& passage;
  };

  net::Task<Result<http::Response>> choose_rule();
  net::Task<Result<http::Response>> run_next_rule();
  net::Task<Result<http::Response>> choose_destination();
  net::Task<Result<http::Response>> ask_upstream();

  Hold<Serving> serving_;
  const routing::Listener& listener_;
  routing::Candidates candidates_;
  std::string_view merged_path_;  // of the request, as it came
  const routing::Rule* rule_ = nullptr;
  Pool* pool_ = nullptr;
  Calls calls_{*this};
  At<&Passage::choose_rule> choosing_rule_{*this};
  At<&Passage::choose_destination> choosing_destination_{*this};
  At<&Passage::ask_upstream> asking_{*this};
};

}  // namespace sallyport::proxy
