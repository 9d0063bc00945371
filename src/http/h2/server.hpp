// SPDX-License-Identifier: Apache-2.0
// All HTTP/2 connections of clients that come in by one entrance of a loop, and what they share. Belongs to that loop's
// thread.

#pragma once

#include <string_view>

#include "http/connection_facts.hpp"
#include "http/incoming.hpp"
#include "http/session_list.hpp"
#include "http/session_settings.hpp"
#include "net/ledger.hpp"
#include "net/loop.hpp"
#include "net/released.hpp"

namespace sallyport::http::h2 {
class ServerConnection;
struct StreamScratch;
}  // namespace sallyport::http::h2

namespace sallyport::http {
extern template class SessionList<h2::ServerConnection, h2::StreamScratch>;
}  // namespace sallyport::http

namespace sallyport::http::h2 {

class Server final : public SessionList<ServerConnection, StreamScratch> {
 public:
  // All must outlive it.
  Server(net::Loop& loop, Handler& handler, const ServerSettings& settings, net::Ledger& ledger);
  ~Server();

  // `early` are bytes that were received already: with none of them missing, the client's preface is the first. False:
  // there was no room for it, and it is closed.
  bool accept(net::Socket::Released connection, const ConnectionFacts& facts, std::string_view early);

  void use(const ServerSettings& settings) override;
};

}  // namespace sallyport::http::h2
