// SPDX-License-Identifier: Apache-2.0
#include "http/h1/server.hpp"

#include <memory>
#include <utility>

#include "http/h1/server_connection.hpp"

template class sallyport::http::SessionList<sallyport::http::h1::ServerConnection, sallyport::http::h1::Scratch>;

namespace sallyport::http::h1 {

Server::Server(net::Loop& loop, Handler& handler, const ServerSettings& settings, net::Ledger& ledger)
    : SessionList(loop, handler, settings, ledger) {}

Server::~Server() { clear(); }

bool Server::accept(net::Socket::Released connection, const ConnectionFacts& facts) {
  ServerConnection* const made = add(std::make_unique<ServerConnection>(*this, std::move(connection), facts));
  if (made != nullptr && draining()) made->end_when_idle();
  return made != nullptr;
}

void Server::use(const ServerSettings& to) {
  set_settings(to);
  for (const auto& connection : all()) {
    if (connection->is_idle()) connection->limit_idle(to.idle);
  }
}

void Server::hand_over(ServerConnection& connection) {
  uncount();  // it is counted where it goes
  const std::unique_ptr<ServerConnection> leaving = take_out(connection);
  const ConnectionFacts facts = leaving->facts();
  if (!http2_(leaving->release(), facts, leaving->received())) tell_closed(facts);
}

}  // namespace sallyport::http::h1
