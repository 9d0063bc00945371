// SPDX-License-Identifier: Apache-2.0
// One request's way through the gateway: the listener's chain, the choice of a rule, the rule's chain, the choice of a
// destination, the destination's chain, the upstream.
//
// Serves from one snapshot from its beginning to its last byte; a tunnel lets go of it after a while, so that it does
// not keep an old configuration alive for as long as it lasts.

#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "base/result.hpp"
#include "filters/exchange.hpp"
#include "filters/filter.hpp"
#include "http/caller.hpp"
#include "http/incoming.hpp"
#include "net/task.hpp"
#include "proxy/counters.hpp"
#include "proxy/hold.hpp"
#include "proxy/pools.hpp"
#include "proxy/settings.hpp"
#include "routing/choice.hpp"
#include "routing/explanation.hpp"
#include "routing/snapshot.hpp"

namespace sallyport::proxy {

class Passage final : public filters::Exchange, public http::Witness {
 public:
  using Snapshot = Hold<routing::SnapshotPtr>;

  // What a worker has for all its requests.
  struct Means {
    const Settings& settings;
    const Pools& pools;
    filters::WorkerStates& states;
    TunnelCounters& tunnels;
  };

  // `listener` is of the snapshot.
  Passage(http::Incoming& incoming, Snapshot snapshot, const routing::Listener& listener, const Means& means,
          const std::array<std::uint64_t, 2>& number);
  ~Passage() override = default;

  net::Task<Result<http::Response>> run();
  net::Task<Result<http::Response>> reroute() override;

  void answering(const Result<http::Response>& response) override;

  // After the last byte.
  void ended(const http::Outcome& outcome);

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

  // When a tunnel has lasted so long that it lets go of the snapshot.
  struct LettingGo final : net::Timer {
    explicit LettingGo(Passage& of) : passage(of) {}
    void fire() override { passage.let_go(); }
    Passage& passage;
  };

  // Of the snapshot, what is still needed without it.
  struct Kept {
    std::shared_ptr<const model::Listener> listener;
    std::shared_ptr<const model::Rule> rule;
    std::shared_ptr<Pool> pool;
  };

  bool explains() const;
  void look_for_grpc();
  void settle_grpc_status(const http::Outcome& outcome);
  void let_go();
  bool name_authority();
  net::Task<Result<http::Response>> choose_rule();
  net::Task<Result<http::Response>> run_next_rule();
  net::Task<Result<http::Response>> choose_destination();
  net::Task<Result<http::Response>> ask_upstream();

  const Means& means_;
  std::optional<Snapshot> snapshot_;
  const routing::Listener* listener_;
  std::optional<routing::Choice> choice_;
  const routing::Rule* rule_ = nullptr;
  std::string_view authority_;  // as it was when rules were asked: a rule may change it
  Pool* pool_ = nullptr;
  std::unique_ptr<routing::Explanation> explanation_;  // of the first choice; null when nobody asked
  bool is_rerouted_ = false;
  bool is_tunnel_ = false;
  bool speaks_grpc_ = false;
  Kept kept_;
  LettingGo letting_go_{*this};
  Calls calls_{*this};
  At<&Passage::choose_rule> choosing_rule_{*this};
  At<&Passage::choose_destination> choosing_destination_{*this};
  At<&Passage::ask_upstream> asking_{*this};
};

}  // namespace sallyport::proxy
