// SPDX-License-Identifier: Apache-2.0
#include "http/h2/server.hpp"

#include <algorithm>
#include <utility>

#include "http/h2/server_connection.hpp"

namespace sallyport::http::h2 {

Server::Server(net::Loop& loop, Handler& handler, const ServerSettings& settings, net::Ledger& ledger)
    : loop_(loop), handler_(handler), settings_(&settings), ledger_(ledger) {}

Server::~Server() { connections_.clear(); }  // they give back what they hold

bool Server::accept(net::Socket::Released connection, const ConnectionFacts& facts, std::string_view early) {
  ++accepted_;
  auto made = std::make_unique<ServerConnection>(*this, std::move(connection), facts);
  if (!made->usable()) return false;
  made->set_place(connections_.size());
  connections_.push_back(std::move(made));
  connections_.back()->begin(early);
  if (draining_) connections_.back()->end_when_idle();
  return true;
}

void Server::drain() {
  draining_ = true;
  for (const auto& connection : connections_) connection->end_when_idle();
}

void Server::use(const ServerSettings& settings) {
  settings_ = &settings;
  for (const auto& connection : connections_) connection->settings_changed();
}

// Looks at all, so that a connection need not know its place among the idle ones.
std::size_t Server::end_oldest_idle(std::size_t most) {
  const net::Time latest = loop_.now() - least_idle;
  std::vector<ServerConnection*> idle;
  for (const auto& connection : connections_) {
    if (connection->is_idle() && connection->idle_since() <= latest) idle.push_back(connection.get());
  }
  most = std::min(most, idle.size());
  const auto last = idle.begin() + static_cast<std::ptrdiff_t>(most);
  std::ranges::partial_sort(idle, last, {}, &ServerConnection::idle_since);
  std::for_each(idle.begin(), last, [](ServerConnection* one) { one->end_idle(); });
  return most;
}

ServerConnection* Server::find_largest() const {
  ServerConnection* largest = nullptr;
  for (const auto& connection : connections_) {
    if (connection->is_busy() && (largest == nullptr || connection->held() > largest->held()))
      largest = connection.get();
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

std::unique_ptr<StreamScratch> Server::take_scratch() {
  if (kept_.empty()) return std::make_unique<StreamScratch>();
  auto scratch = std::move(kept_.back());
  kept_.pop_back();
  return scratch;
}

void Server::give_scratch(std::unique_ptr<StreamScratch> scratch) {
  if (kept_.size() < most_kept) kept_.push_back(std::move(scratch));
}

void Server::remove(ServerConnection& connection) {
  const ConnectionFacts facts = connection.facts();
  const std::size_t place = connection.place();
  std::swap(connections_[place], connections_.back());
  connections_[place]->set_place(place);
  connections_.pop_back();
  if (on_closed_) on_closed_(facts);
}

}  // namespace sallyport::http::h2
