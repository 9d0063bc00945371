// SPDX-License-Identifier: Apache-2.0
// A whole worker in the test's thread, turned by hand: one listener, a rule for every path to the backend "main", and
// one behind it to the backend "side", to which a request is rerouted. What it serves from is put together here, so
// that it may have filters which no model can say.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "filters/filter.hpp"
#include "net/fd.hpp"
#include "proxy/shares.hpp"
#include "proxy/worker.hpp"
#include "routing/snapshot.hpp"
#include "syntax/address.hpp"

namespace sallyport::support {

// What a snapshot has.
struct Shape {
  bool listener = true;
  bool rules = true;
  bool main = true;
  bool side = true;
  bool first_endpoint_only = false;  // of main
  bool no_endpoint = false;          // of main
};

class Gateway {
 public:
  struct Chains {
    filters::Chain listener;
    filters::Chain rule;         // of the first rule
    filters::Chain destination;  // of the first rule's
  };

  // Endpoints of main and of side, in order. `http2`: that is what they speak.
  Gateway(const proxy::Settings& settings, std::vector<syntax::SocketAddress> main,
          std::vector<syntax::SocketAddress> side, Chains chains, bool http2 = false);
  Gateway(const Gateway&) = delete;
  Gateway& operator=(const Gateway&) = delete;
  ~Gateway() { end(); }

  // One turn of its loop, which does not sleep.
  void turn();
  void adopt(const Shape& shape);
  void drain();
  // Its thread ends: whatever is under way is cut.
  void end();

  // A client's connection; none once it drains.
  net::Fd connect() const;
  std::size_t connections() const { return worker_->connections(); }
  proxy::WorkerReport report() const { return worker_->report(); }
  // Requests that a listener's chain has seen, and of these the ones that are over.
  std::uint64_t begun() const { return counts_->begun; }
  std::uint64_t ended() const { return counts_->ended; }

 private:
  struct Counts {
    std::uint64_t begun = 0;
    std::uint64_t ended = 0;
  };
  class Counting;

  routing::Ref<routing::Backend> backend(const char* id, const routing::SlotRef& slot,
                                         const std::vector<syntax::SocketAddress>& at, bool http2) const;
  routing::Ref<routing::Rule> rule(std::uint32_t index, const routing::SlotRef& backend, filters::Chain chain,
                                   filters::Chain destination_chain) const;
  void forget_unknown();

  proxy::Settings settings_;
  std::vector<syntax::SocketAddress> main_;
  std::vector<syntax::SocketAddress> side_;
  Chains chains_;
  bool http2_;
  std::shared_ptr<Counts> counts_ = std::make_shared<Counts>();
  std::shared_ptr<routing::SlotPool> slots_ = std::make_shared<routing::SlotPool>();
  routing::SlotRef web_ = slots_->hold("web");
  routing::SlotRef table_ = slots_->hold("table");
  routing::SlotRef main_slot_ = slots_->hold("main");
  routing::SlotRef side_slot_ = slots_->hold("side");
  std::vector<std::pair<std::weak_ptr<const routing::Snapshot>, Shape>> snapshots_;
  proxy::Shares shares_;
  filters::SharedStates shared_;
  std::optional<proxy::Worker> worker_;
  syntax::SocketAddress address_;
};

}  // namespace sallyport::support
