// SPDX-License-Identifier: Apache-2.0
#include "proxy/worker.hpp"

#include <sys/random.h>

#include <algorithm>
#include <bit>
#include <ranges>
#include <utility>

#include "http/gateway_answer.hpp"
#include "proxy/log_line.hpp"

namespace sallyport::proxy {
namespace {

// OPTIONS * asks about us, not about what is behind us (RFC 9110 9.3.7).
http::Response about_the_server(Arena& arena) {
  http::Response response(arena);
  response.head.status = 204;
  response.head.reason = "No Content";
  static_cast<void>(response.head.fields.add("Allow", http::allowed_methods));
  return response;
}

}  // namespace

Worker::Worker(std::size_t number, const Settings& settings, filters::SharedStates& shared, AccessLog* log)
    : number_(number),
      settings_(settings),
      log_(log),
      ledger_(settings.held_bytes),
      states_(shared),
      serving_(Serving{.snapshot = std::make_shared<const routing::Snapshot>(), .pools = {}}) {
  if (::getrandom(random_.data(), sizeof random_, 0) != sizeof random_) random_ = {number + 1, 2, 3, 4};
  if (log_ != nullptr) {
    loop_.set_after_turn([this] {
      if (log_->ring(number_).publish()) log_->wake();
    });
  }
}

void Worker::run() {
  loop_.run();
  // Connections end before what their requests hold on to.
  close_doors();
  entrances_.clear();
  if (log_ != nullptr) log_->ring(number_).publish();
}

// xoshiro256++: fast, and random enough for request ids; nothing secret is made of it.
std::array<std::uint64_t, 2> Worker::random() {
  std::array<std::uint64_t, 2> numbers;
  for (std::uint64_t& number : numbers) {
    auto& s = random_;
    number = std::rotl(s[0] + s[3], 23) + s[0];
    const std::uint64_t t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = std::rotl(s[3], 45);
  }
  return numbers;
}

std::shared_ptr<Pool> Worker::pool_for(const routing::Backend& backend) {
  std::weak_ptr<Pool>& known = pools_[backend.model.id];
  std::shared_ptr<Pool> pool = known.lock();
  if (pool == nullptr) {
    const std::size_t offset = number_ * backend.endpoints->endpoints.size() / settings_.workers;
    pool = std::make_shared<Pool>(backend.model.id, loop_, settings_.client, ledger_, offset);
    known = pool;
  }
  pool->update(*backend.endpoints);
  return pool;
}

// Requests in flight keep what they serve from; a pool lives as long as any of them or the newest has it.
void Worker::adopt(routing::SnapshotPtr snapshot) {
  Serving next{.snapshot = std::move(snapshot), .pools = {}};
  const auto& backends = next.snapshot->backends;
  const auto& before = serving_->snapshot->backends;
  next.pools.resize(backends.size());
  for (std::size_t slot = 0; slot < backends.size(); ++slot) {
    if (backends[slot] == nullptr) continue;
    const bool same = slot < before.size() && before[slot] == backends[slot];
    next.pools[slot] = same ? serving_->pools[slot] : pool_for(*backends[slot]);
  }
  serving_ = Hold<Serving>(std::move(next));
  std::erase_if(pools_, [](const auto& entry) { return entry.second.expired(); });
}

void Worker::listen(const model::Id& listener, const syntax::SocketAddress& address, net::Fd socket) {
  auto& entrance = entrances_[listener];
  if (entrance == nullptr) entrance = std::make_unique<Entrance>(*this, listener);
  entrance->server().undo_drain();  // it may have had no address for a while
  auto accept_here = [this, to = entrance.get()](net::Fd fd, const syntax::SocketAddress& peer) {
    accept(*to, std::move(fd), peer);
  };
  Door& door = doors_[address];
  door = {listener, std::make_unique<net::Acceptor>(loop_, std::move(socket), std::move(accept_here))};
  if (full_) door.acceptor->pause();
}

void Worker::stop_listening(const syntax::SocketAddress& address) {
  const auto door = doors_.find(address);
  if (door == doors_.end()) return;
  const model::Id listener = door->second.listener;
  doors_.erase(door);
  const bool last = std::ranges::none_of(doors_, [&](const auto& one) { return one.second.listener == listener; });
  if (last) entrances_[listener]->server().drain();
}

std::size_t Worker::connections() const {
  std::size_t all = 0;
  for (const auto& entrance : entrances_ | std::views::values) all += entrance->server().connections();
  return all;
}

std::size_t Worker::most_connections() const {
  return std::max<std::size_t>(1, settings_.connections / settings_.workers);
}

void Worker::accept(Entrance& entrance, net::Fd fd, const syntax::SocketAddress& peer) {
  entrance.server().accept(std::move(fd), peer);
  if (full_ || connections() < most_connections()) return;
  full_ = true;
  for (const Door& door : doors_ | std::views::values) door.acceptor->pause();
}

void Worker::closed() {
  if (!std::exchange(full_, false)) return;
  for (const Door& door : doors_ | std::views::values) door.acceptor->resume();
}

// A door that closes takes those who wait before it, which may look at all doors that are open.
void Worker::close_doors() { const auto closing = std::exchange(doors_, {}); }

void Worker::drain() {
  close_doors();
  for (const auto& entrance : entrances_ | std::views::values) entrance->server().drain();
}

WorkerReport Worker::report() const {
  WorkerReport report = report_;
  for (const auto& entrance : entrances_ | std::views::values) {
    const http::h1::Server& server = entrance->server();
    report.accepted += server.accepted();
    report.open += server.connections();
    report.notes += server.notes();
  }
  report.held_bytes = ledger_.held();
  if (log_ != nullptr) report.lost_log_lines = log_->ring(number_).lost();
  for (const auto& pool : pools_ | std::views::values) {
    if (const auto alive = pool.lock()) report.backends.push_back(alive->report());
  }
  return report;
}

void Worker::log_line() {
  log_->ring(number_).write(line_);
  line_.clear();
}

void Worker::count(const Passage& passage, const http::Outcome& outcome) {
  RequestCounters& requests = passage.pool() != nullptr ? passage.pool()->report().requests : report_.unrouted;
  requests.count(outcome.status, outcome.took);
  if (outcome.error) ++report_.by_code[static_cast<std::size_t>(*outcome.error)];
  if (log_ == nullptr) return;
  append_log_line(line_, loop_.wall(), passage, outcome);
  log_line();
}

void Worker::count_refused(const http::Incoming& incoming, const http::Outcome& outcome) {
  report_.unrouted.count(outcome.status, outcome.took);
  if (outcome.error) ++report_.by_code[static_cast<std::size_t>(*outcome.error)];
  if (log_ == nullptr) return;
  append_log_line(line_, loop_.wall(), incoming, outcome);
  log_line();
}

Worker::Entrance::Entrance(Worker& worker, model::Id listener)
    : worker_(worker),
      listener_(std::move(listener)),
      server_(worker.loop_, *this, worker.settings_.server, worker.ledger_) {
  server_.set_on_closed([this] { worker_.closed(); });
}

net::Task<Result<http::Response>> Worker::Entrance::handle(http::Incoming& incoming) {
  const routing::Listener* const listener = worker_.serving_->snapshot->listener(listener_);
  auto* const passage = listener == nullptr ? nullptr
                                            : incoming.arena.make<Passage>(incoming, worker_.serving_, *listener,
                                                                           worker_.states_, worker_.random());
  if (passage == nullptr) {
    refused(incoming);
    co_return fail(listener == nullptr ? Code::no_host : Code::overloaded);
  }
  const bool kept = incoming.after_last_byte([passage, &worker = worker_](const http::Outcome& outcome) {
    worker.count(*passage, outcome);
    std::destroy_at(passage);
  });
  if (!kept) {
    std::destroy_at(passage);
    co_return fail(Code::overloaded);
  }
  passage->deadline = incoming.received + worker_.settings_.request;
  if (incoming.request.head.form == http::TargetForm::asterisk) co_return about_the_server(incoming.arena);
  co_return co_await passage->run();
}

void Worker::Entrance::refused(http::Incoming& incoming) {
  const auto count = [&incoming, &worker = worker_](const http::Outcome& outcome) {
    worker.count_refused(incoming, outcome);
  };
  if (!incoming.after_last_byte(count)) count({.error = Code::overloaded});
}

}  // namespace sallyport::proxy
