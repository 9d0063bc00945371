// SPDX-License-Identifier: Apache-2.0
#include "http/h1/server.hpp"

#include <chrono>
#include <utility>

#include "http/h1/server_connection.hpp"

namespace sallyport::http::h1 {

Server::Server(net::Loop& loop, Handler& handler, const ServerSettings& settings, net::Ledger& ledger)
    : loop_(loop), handler_(handler), settings_(settings), ledger_(ledger) {}

Server::~Server() { connections_.clear(); }  // they give back what they hold

void Server::accept(net::Fd fd, const syntax::SocketAddress& peer) {
  ++accepted_;
  auto connection = std::make_unique<ServerConnection>(*this, std::move(fd), peer);
  if (!connection->usable()) return;
  connection->set_place(connections_.size());
  connections_.push_back(std::move(connection));
}

void Server::drain() {
  draining_ = true;
  for (const auto& connection : connections_) connection->end_when_idle();
}

Stamp Server::stamp() {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(loop_.wall().time_since_epoch()).count();
  return {.date = date_.at(seconds), .server = settings_.server, .server_header = settings_.server_header};
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

void Server::remove(ServerConnection& connection) {
  const std::size_t place = connection.place();
  std::swap(connections_[place], connections_.back());
  connections_[place]->set_place(place);
  connections_.pop_back();
  if (on_closed_) on_closed_();
}

}  // namespace sallyport::http::h1
