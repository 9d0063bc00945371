// SPDX-License-Identifier: Apache-2.0
#include "http/h2/server.hpp"

#include <memory>
#include <utility>

#include "http/h2/server_connection.hpp"

template class sallyport::http::SessionList<sallyport::http::h2::ServerConnection, sallyport::http::h2::StreamScratch>;

namespace sallyport::http::h2 {

Server::Server(net::Loop& loop, Handler& handler, const ServerSettings& settings, net::Ledger& ledger)
    : SessionList(loop, handler, settings, ledger) {}

Server::~Server() { clear(); }

bool Server::accept(net::Socket::Released connection, const ConnectionFacts& facts, std::string_view early) {
  ServerConnection* const made = add(std::make_unique<ServerConnection>(*this, std::move(connection), facts));
  if (made == nullptr) return false;
  made->begin(early);
  if (draining()) made->end_when_idle();
  return true;
}

void Server::use(const ServerSettings& to) {
  set_settings(to);
  for (const auto& connection : all()) connection->settings_changed();
}

}  // namespace sallyport::http::h2
