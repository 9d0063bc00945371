// SPDX-License-Identifier: Apache-2.0
// One thread that serves, and all it owns: its loop, its listening sockets, the connections of its clients, its pools,
// its counters. Others speak to it by messages to its loop; everything else here belongs to its thread.

#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "filters/state.hpp"
#include "http/h1/server.hpp"
#include "net/acceptor.hpp"
#include "net/ledger.hpp"
#include "net/loop.hpp"
#include "proxy/access_log.hpp"
#include "proxy/counters.hpp"
#include "proxy/entrance.hpp"
#include "proxy/hold.hpp"
#include "proxy/names.hpp"
#include "proxy/passage.hpp"
#include "proxy/pools.hpp"
#include "proxy/pressure.hpp"
#include "proxy/settings.hpp"
#include "proxy/shares.hpp"
#include "proxy/tls_contexts.hpp"

namespace sallyport::proxy {

class Worker {
 public:
  // `log` may be null. All must outlive it.
  Worker(std::size_t number, const Settings& settings, Shares& shares, filters::SharedStates& shared, AccessLog* log);
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  net::Loop& loop() { return loop_; }
  void run();

  // From any thread.
  Stage stage() const { return shown_stage_.load(std::memory_order_relaxed); }

  // The messages.
  void adopt(const routing::Change& change);
  void forget(const std::vector<routing::Slot>& backends);
  void listen(const model::Id& listener, const syntax::SocketAddress& address, net::Fd socket);
  void stop_listening(const syntax::SocketAddress& address);
  void drain();
  std::size_t connections() const;
  WorkerReport report() const;

  // For its entrances: what they serve from and by.
  const Passage::Snapshot& snapshot() const { return snapshot_; }
  const Passage::Means& means() const { return means_; }
  const Settings& settings() const { return settings_; }
  // As the stage of pressure has them.
  const http::ServerSettings& server_settings(bool over_tls) const;
  net::tls::AcceptTimes handshake_times() const;
  TlsContexts& tls() { return tls_; }
  Handshakes& handshakes() { return handshakes_; }
  net::Ledger& ledger() { return ledger_; }
  bool sheds() const { return pressure_.stage() >= Stage::shed; }
  bool refuses() const { return pressure_.stage() >= Stage::refuse; }
  std::array<std::uint64_t, 2> random();

  // And what becomes of their connections and requests. False: the source has as many connections as it may.
  bool opened(const syntax::IpAddress& source);
  bool renamed(const syntax::IpAddress& was, const syntax::IpAddress& is);
  void closed(const syntax::IpAddress& source);
  void count_loss(ProxyLoss why) { ++report_.proxy_losses[static_cast<std::size_t>(why)]; }
  void count_handshake(const net::tls::Facts& facts);
  // `name` is what the client asked for.
  void count_refusal(const http::ConnectionFacts& facts, const model::Id& listener, std::string_view name,
                     const net::tls::Refusal& why);
  void count(const Passage& passage, const http::Outcome& outcome);
  void count_refused(const http::Incoming& incoming, const http::Outcome& outcome);

 private:
  struct Door {
    model::Id listener;
    std::unique_ptr<net::Acceptor> acceptor;
  };

  // While doors are shut or connections are shed, more often than the loop turns by itself.
  struct Again final : net::Timer {
    void fire() override {}  // the turn is what it is for
  };

  static constexpr net::Duration until_forgotten{1'000};

  // What an adopted snapshot does not show any more is forgotten a little later, for many at once.
  struct Forget final : net::Timer {
    explicit Forget(Worker& of) : worker(of) {}
    void soon() {
      if (!std::exchange(waits, true)) worker.loop_.timers().arm(*this, worker.loop_.now() + until_forgotten);
    }
    void fire() override {
      waits = false;
      worker.tls_.drop_unused(**worker.snapshot_);
    }
    Worker& worker;
    bool waits = false;
  };

  // Old keys of tickets go at their time, whether or not anybody comes.
  struct NextKeys final : net::Timer {
    explicit NextKeys(Worker& of) : worker(of) {}
    void fire() override { worker.loop_.timers().arm(*this, worker.tls_.move_ticket_keys_on(worker.loop_.now())); }
    Worker& worker;
  };

  static constexpr net::Duration between_looks{50};

  void after_turn();
  void charge_frames();
  void count(RequestCounters& requests, const http::Outcome& outcome, std::optional<http::GrpcStatus> call);
  void enter(Stage stage);
  void relieve();
  void cut_largest();
  void end_idle_upstreams();
  void shut_doors(bool shut);
  void close_doors();
  bool may_log_refusal();
  void log_line();
  std::shared_ptr<Pool> make_pool(const routing::Backend& backend);
  static Manner manner_of(const model::Backend& backend);
  Manner tls_manner_of(const model::Backend& backend);

  std::size_t number_;
  const Settings& settings_;
  // Those that are waited for as long as ever, and less long: on cleartext, and with TLS.
  const std::array<std::array<http::ServerSettings, 2>, 2> server_settings_;
  Shares& shares_;
  AccessLog* log_;
  net::Loop loop_;
  net::Ledger ledger_;
  filters::WorkerStates states_;
  TlsContexts tls_;  // outlives all that speaks TLS
  Handshakes handshakes_;
  Names names_;  // outlives the pools
  Pools pools_;
  Passage::Snapshot snapshot_;
  std::map<model::Id, std::unique_ptr<Entrance>> entrances_;
  std::map<syntax::SocketAddress, Door> doors_;
  std::array<std::uint64_t, 4> random_;
  std::string line_;
  WorkerReport report_;
  const Passage::Means means_{settings_, pools_, states_, report_.tunnels};
  Pressure pressure_;
  std::atomic<Stage> shown_stage_ = Stage::calm;
  std::size_t charged_frames_ = 0;
  net::Time next_relief_{};
  net::Time next_end_of_idle_upstreams_{};
  Again again_;
  Forget forget_{*this};
  NextKeys next_keys_{*this};
  net::Time refusals_since_{};  // a second of lines about them
  std::size_t refusal_lines_ = 0;
  bool shut_ = false;
};

}  // namespace sallyport::proxy
