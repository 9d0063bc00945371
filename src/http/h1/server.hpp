// SPDX-License-Identifier: Apache-2.0
// All HTTP/1 connections of clients on one loop, and what they share. Belongs to that loop's thread.

#pragma once

#include <functional>
#include <string_view>
#include <utility>

#include "http/h1/scratch.hpp"
#include "http/incoming.hpp"
#include "http/session_list.hpp"
#include "http/session_settings.hpp"
#include "net/ledger.hpp"
#include "net/loop.hpp"
#include "net/released.hpp"

namespace sallyport::http::h1 {

class ServerConnection;
}  // namespace sallyport::http::h1

namespace sallyport::http {
extern template class SessionList<h1::ServerConnection, h1::Scratch>;
}  // namespace sallyport::http

namespace sallyport::http::h1 {

class Server final : public SessionList<ServerConnection, Scratch> {
 public:
  // All must outlive it.
  Server(net::Loop& loop, Handler& handler, const ServerSettings& settings, net::Ledger& ledger);
  ~Server();

  // False: there was no room for it, and it is closed.
  bool accept(net::Socket::Released connection, const ConnectionFacts& facts);
  bool accept(net::Fd fd, const ConnectionFacts& facts) {
    return accept(net::Socket::Released{.fd = std::move(fd), .stream = nullptr}, facts);
  }

  // Who serves clients of HTTP/2 that come here without a word before: a connection whose first bytes are the beginning
  // of their preface is given to it, with what was received. False: it had no room for it. Unset, they get a refusal.
  using HandOver = std::move_only_function<bool(net::Socket::Released connection, const ConnectionFacts& facts,
                                                std::string_view received)>;
  void set_http2(HandOver call) { http2_ = std::move(call); }

  void use(const ServerSettings& settings) override;

  // For connections.
  bool knows_http2() const { return static_cast<bool>(http2_); }
  // The connection goes on elsewhere.
  void hand_over(ServerConnection& connection);

 private:
  HandOver http2_;
};

}  // namespace sallyport::http::h1
