// SPDX-License-Identifier: Apache-2.0
#include "http/h1/server.hpp"

#include <algorithm>
#include <utility>

#include "http/h1/server_connection.hpp"

namespace sallyport::http::h1 {

Server::Server(net::Loop& loop, Handler& handler, const ServerSettings& settings, net::Ledger& ledger)
    : loop_(loop), handler_(handler), settings_(&settings), ledger_(ledger) {}

Server::~Server() { connections_.clear(); }  // they give back what they hold

bool Server::accept(net::Socket::Released connection, const ConnectionFacts& facts) {
  ++accepted_;
  auto made = std::make_unique<ServerConnection>(*this, std::move(connection), facts);
  if (!made->usable()) return false;
  made->set_place(connections_.size());
  connections_.push_back(std::move(made));
  if (draining_) connections_.back()->end_when_idle();
  return true;
}

void Server::drain() {
  draining_ = true;
  for (const auto& connection : connections_) connection->end_when_idle();
}

void Server::use(const ServerSettings& settings) {
  const net::Duration less = settings_->idle - settings.idle;
  settings_ = &settings;
  if (less <= net::Duration::zero()) return;
  for (const auto& connection : connections_) {
    if (connection->is_idle()) connection->shorten_idle(less);
  }
}

// Looks at all, so that a connection need not know its place among the idle ones.
std::size_t Server::end_oldest_idle(std::size_t most) {
  const net::Time latest = loop_.now() + settings_->idle - least_idle;
  std::vector<ServerConnection*> idle;
  for (const auto& connection : connections_) {
    if (connection->is_idle() && connection->idle_deadline() <= latest) idle.push_back(connection.get());
  }
  most = std::min(most, idle.size());
  const auto last = idle.begin() + static_cast<std::ptrdiff_t>(most);
  std::ranges::partial_sort(idle, last, {}, &ServerConnection::idle_deadline);
  return static_cast<std::size_t>(std::count_if(idle.begin(), last, [](auto* one) { return one->end_idle(); }));
}

ServerConnection* Server::find_largest() const {
  ServerConnection* largest = nullptr;
  for (const auto& connection : connections_) {
    const bool holds = connection->is_busy() || connection->waits_for_client();
    if (holds && (largest == nullptr || connection->held() > largest->held())) {
      largest = connection.get();
    }
  }
  return largest;
}

std::size_t Server::largest() const {
  const ServerConnection* const one = find_largest();
  return one == nullptr ? 0 : one->held();
}

bool Server::reset_largest(std::size_t at_least) {
  ServerConnection* const one = find_largest();
  if (one == nullptr || one->held() < at_least) return false;
  one->cut_off();
  return true;
}

std::size_t Server::idle() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(connections_, [](const auto& connection) { return connection->is_idle(); }));
}

std::unique_ptr<Scratch> Server::take_scratch() {
  if (kept_.empty()) return std::make_unique<Scratch>();
  auto scratch = std::move(kept_.back());
  kept_.pop_back();
  return scratch;
}

void Server::give_scratch(std::unique_ptr<Scratch> scratch) {
  notes_ += scratch->notes;
  scratch->notes = {};
  if (kept_.size() < most_kept) kept_.push_back(std::move(scratch));
}

std::unique_ptr<ServerConnection> Server::take_out(const ServerConnection& connection) {
  const std::size_t place = connection.place();
  std::unique_ptr<ServerConnection> taken = std::exchange(connections_[place], std::move(connections_.back()));
  connections_.pop_back();
  if (place != connections_.size()) connections_[place]->set_place(place);
  return taken;
}

void Server::remove(ServerConnection& connection) {
  const ConnectionFacts facts = connection.facts();
  take_out(connection).reset();
  if (on_closed_) on_closed_(facts);
}

void Server::hand_over(ServerConnection& connection) {
  --accepted_;  // it is counted where it goes
  const std::unique_ptr<ServerConnection> leaving = take_out(connection);
  const ConnectionFacts facts = leaving->facts();
  const bool is_taken = http2_(leaving->release(), facts, leaving->received());
  if (!is_taken && on_closed_) on_closed_(facts);
}

}  // namespace sallyport::http::h1
