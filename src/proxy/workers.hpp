// SPDX-License-Identifier: Apache-2.0
// All workers: their threads, what is said to all of them, and the registry of listening sockets.
//
// Belongs to the thread that made it (control's), whose loop hears the workers' answers.

#pragma once

#include <coroutine>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "base/result.hpp"
#include "filters/state.hpp"
#include "model/delta.hpp"
#include "net/loop.hpp"
#include "proxy/access_log.hpp"
#include "proxy/counters.hpp"
#include "proxy/settings.hpp"
#include "proxy/worker.hpp"
#include "routing/compiler.hpp"

namespace sallyport::proxy {

class Workers {
 public:
  using OnAdopted = std::move_only_function<void(model::Adopted)>;
  using OnBound = std::move_only_function<void(const model::Bound&)>;

  // Starts the threads. The error is the access log's, or that there are no more threads.
  static Result<std::unique_ptr<Workers>> start(net::Loop& home, const Settings& settings, OnAdopted on_adopted,
                                                OnBound on_bound);
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;
  ~Workers();

  // Every worker goes over to it; on_adopted is called when all have. Sockets are opened and closed as its listeners
  // ask.
  void adopt(const routing::Change& change);
  // What Compiler::free_retired() gives.
  void forget(const std::vector<routing::Slot>& backends);

  // No more is accepted; `done` is called when all connections have ended.
  void drain(std::move_only_function<void()> done);

  void reopen_access_log();

  // Of the loop that turned last longest ago.
  net::Duration oldest_turn() const;
  // Of the worker that is in the worst one.
  Stage stage() const;

  // co_await gathered(): what every worker counted, as far as they answer in time.
  class Gathering;
  Gathering gathered();

 private:
  Workers(net::Loop& home, const Settings& settings, std::unique_ptr<AccessLog> log, OnAdopted on_adopted,
          OnBound on_bound);
  void start_threads();

  struct Round final : net::Timer {
    explicit Round(Workers& of) : workers(of) {}
    void fire() override { workers.ask_who_is_left(); }
    Workers& workers;
  };

  // An address that was taken, or not there yet, is tried again.
  struct Again final : net::Timer {
    explicit Again(Workers& of) : workers(of) {}
    void fire() override { workers.open_wanted(); }
    Workers& workers;
  };

  static constexpr net::Duration between_rounds{20};
  static constexpr net::Duration between_tries{1'000};

  // Where a listener is asked for: an address is one listener's, but a free port (0) is as many as ask for one.
  struct Place {
    syntax::SocketAddress address;
    model::Id asker;  // empty but for port 0

    auto operator<=>(const Place&) const = default;
  };

  template <class Call>
  void after_all(Call call);
  void open_and_close(const routing::Snapshot& snapshot);
  void open_wanted();
  void open(const model::Id& listener, const Place& place);
  void ask_who_is_left();

  net::Loop& home_;
  const Settings settings_;
  std::unique_ptr<AccessLog> log_;
  OnAdopted on_adopted_;
  OnBound on_bound_;
  Shares shares_;
  filters::SharedStates shared_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::vector<std::thread> threads_;
  std::map<Place, model::Id> wanted_;
  std::map<Place, model::Id> open_;
  std::map<Place, syntax::SocketAddress> bound_as_;  // what was asked for, where it is
  std::move_only_function<void()> drained_;
  Round round_{*this};
  Again again_{*this};
};

// An awaiter; the answers come by messages to the home loop.
class Workers::Gathering final : net::Timer {
 public:
  explicit Gathering(Workers& workers) : workers_(workers) {}
  ~Gathering() override;

  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> handle);
  std::vector<WorkerReport> await_resume();

 private:
  // Outlives the awaiter: answers may come late.
  struct Answers {
    std::vector<WorkerReport> reports;
    std::size_t missing = 0;
    std::coroutine_handle<> waiting;  // null: nobody waits any more
  };

  static constexpr net::Duration longest_wait{2'000};

  void fire() override;

  Workers& workers_;
  std::shared_ptr<Answers> answers_;
};

}  // namespace sallyport::proxy
