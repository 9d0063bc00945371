// SPDX-License-Identifier: Apache-2.0
#include "proxy/workers.hpp"

#include <algorithm>
#include <system_error>
#include <utility>

#include "base/text.hpp"
#include "net/listening_sockets.hpp"

namespace sallyport::proxy {

Result<std::unique_ptr<Workers>> Workers::start(net::Loop& home, const Settings& settings, OnAdopted on_adopted,
                                                OnBound on_bound) {
  std::unique_ptr<AccessLog> log;
  if (settings.access_log != "off") {
    auto opened = AccessLog::open(settings.access_log, settings.workers);
    if (!opened) return Failure(opened.error());
    log = std::move(*opened);
  }
  std::unique_ptr<Workers> workers(
      new Workers(home, settings, std::move(log), std::move(on_adopted), std::move(on_bound)));
  try {
    workers->start_threads();
  } catch (const std::system_error& error) {
    return fail(Code::invalid, "", text::cat("no thread can be started: ", error.what()));
  }
  return workers;
}

Workers::Workers(net::Loop& home, const Settings& settings, std::unique_ptr<AccessLog> log, OnAdopted on_adopted,
                 OnBound on_bound)
    : home_(home),
      settings_(settings),
      log_(std::move(log)),
      on_adopted_(std::move(on_adopted)),
      on_bound_(std::move(on_bound)),
      shares_(settings_) {
  for (std::size_t number = 0; number < settings_.workers; ++number) {
    workers_.push_back(std::make_unique<Worker>(number, settings_, shares_, shared_, log_.get()));
  }
  shares_.ticket_seed.secret.clear();  // of which all keys to come could be made, and all that were (T-4)
}

void Workers::start_threads() {
  for (const auto& worker : workers_) threads_.emplace_back([&one = *worker] { one.run(); });
}

Workers::~Workers() {
  for (const auto& worker : workers_) worker->loop().stop();
  for (std::thread& thread : threads_) thread.join();
}

void Workers::adopt(const routing::Change& change) {
  const auto shared = std::make_shared<const routing::Change>(change);
  for (const auto& worker : workers_) {
    worker->loop().post([shared, &one = *worker] { one.adopt(*shared); });
  }
  after_all([this, version = change.snapshot->version] { on_adopted_({version}); });
  if (change.listeners_changed) open_and_close(*change.snapshot);
}

void Workers::forget(const std::vector<routing::Slot>& backends) {
  if (backends.empty()) return;
  for (const auto& worker : workers_) {
    worker->loop().post([backends, &one = *worker] { one.forget(backends); });
  }
}

// `call` comes back here when every worker has done what it was told so far.
template <class Call>
void Workers::after_all(Call call) {
  const auto missing = std::make_shared<std::size_t>(workers_.size());  // of the home thread
  for (const auto& worker : workers_) {
    worker->loop().post([this, missing, call] {
      home_.post([missing, call] {
        if (--*missing == 0) call();
      });
    });
  }
}

void Workers::open_and_close(const routing::Snapshot& snapshot) {
  std::map<Place, model::Id> wanted;
  snapshot.listeners.for_each([&](const routing::Listener& listener) {
    for (const syntax::SocketAddress& address : listener.model.addresses) {
      const model::Id& id = listener.model.id;
      wanted.emplace(Place{.address = address, .asker = address.port == 0 ? id : model::Id()}, id);
    }
  });
  bool closes = false;
  for (auto at = open_.begin(); at != open_.end();) {
    const auto still = wanted.find(at->first);
    if (still != wanted.end() && still->second == at->second) {
      ++at;
      continue;
    }
    for (const auto& worker : workers_) {
      worker->loop().post([address = bound_as_.at(at->first), &one = *worker] { one.stop_listening(address); });
    }
    closes = true;
    bound_as_.erase(at->first);
    at = open_.erase(at);
  }
  wanted_ = std::move(wanted);
  if (!closes) return open_wanted();
  // Where a socket was, another can only be bound once every worker has closed its own.
  after_all([this] { open_wanted(); });
}

void Workers::open_wanted() {
  for (const auto& [place, listener] : wanted_) {
    if (!open_.contains(place)) open(listener, place);
  }
  if (open_.size() != wanted_.size()) home_.timers().arm(again_, home_.now() + between_tries);
}

void Workers::open(const model::Id& listener, const Place& place) {
  auto sockets = net::open_listening_sockets(place.address, workers_.size());
  if (!sockets) return on_bound_({.listener = listener, .address = place.address, .problem = sockets.error().detail});
  open_.emplace(place, listener);
  bound_as_[place] = sockets->bound;
  for (std::size_t slot = 0; slot < workers_.size(); ++slot) {
    Worker& worker = *workers_[slot];
    worker.loop().post(
        [&worker, listener, bound = sockets->bound, socket = std::move(sockets->by_slot[slot])]() mutable {
          worker.listen(listener, bound, std::move(socket));
        });
  }
  on_bound_({.listener = listener, .address = sockets->bound, .problem = {}});
}

void Workers::drain(std::move_only_function<void()> done) {
  drained_ = std::move(done);
  for (const auto& worker : workers_) {
    worker->loop().post([&one = *worker] { one.drain(); });
  }
  ask_who_is_left();
}

// Again and again, until nobody has a connection.
void Workers::ask_who_is_left() {
  struct Answers {
    std::size_t missing;
    std::size_t connections = 0;
  };
  const auto answers = std::make_shared<Answers>(workers_.size());
  for (const auto& worker : workers_) {
    worker->loop().post([this, answers, &one = *worker] {
      home_.post([this, answers, connections = one.connections()] {
        answers->connections += connections;
        if (--answers->missing != 0) return;
        if (answers->connections == 0) return drained_();
        home_.timers().arm(round_, home_.now() + between_rounds);
      });
    });
  }
}

void Workers::reopen_access_log() {
  if (log_) log_->reopen();
}

net::Duration Workers::oldest_turn() const {
  net::Duration oldest = net::Duration::max();
  for (const auto& worker : workers_) oldest = std::min(oldest, worker->loop().last_turn());
  return oldest;
}

Stage Workers::stage() const {
  Stage worst = Stage::calm;
  for (const auto& worker : workers_) worst = std::max(worst, worker->stage());
  return worst;
}

Workers::Gathering Workers::gathered() { return Gathering(*this); }

Workers::Gathering::~Gathering() {
  if (answers_) answers_->waiting = nullptr;
}

void Workers::Gathering::await_suspend(std::coroutine_handle<> handle) {
  answers_ = std::make_shared<Answers>();
  answers_->missing = workers_.workers_.size();
  answers_->waiting = handle;
  workers_.home_.timers().arm(*this, workers_.home_.now() + longest_wait);
  for (const auto& worker : workers_.workers_) {
    worker->loop().post([&home = workers_.home_, answers = answers_, &one = *worker] {
      home.post([answers, report = one.report()]() mutable {
        answers->reports.push_back(std::move(report));
        if (--answers->missing == 0 && answers->waiting) std::exchange(answers->waiting, nullptr).resume();
      });
    });
  }
}

std::vector<WorkerReport> Workers::Gathering::await_resume() { return std::move(answers_->reports); }

void Workers::Gathering::fire() {
  if (answers_->waiting) std::exchange(answers_->waiting, nullptr).resume();
}

}  // namespace sallyport::proxy
