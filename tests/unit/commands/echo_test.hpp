// SPDX-License-Identifier: Apache-2.0
// The echo origin on the test's loop, and a client of it.

#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <sstream>
#include <string>
#include <string_view>

#include "commands/echo_handler.hpp"
#include "http/h1/server.hpp"
#include "support/descriptors.hpp"
#include "support/loop_test.hpp"
#include "support/peer.hpp"

namespace sallyport::commands {

class EchoTest : public support::LoopTest {
 protected:
  std::unique_ptr<support::Peer> connect() {
    support::Pair pair = support::tcp_pair();
    server_.accept(std::move(pair.one), http::ConnectionFacts::of(*syntax::SocketAddress::parse("192.0.2.1:1234")));
    return std::make_unique<support::Peer>(loop_, std::move(pair.other));
  }

  // All that comes of one request on a connection of its own.
  std::string ask(std::string_view target, std::string_view fields = {}, std::string_view body = {}) {
    const auto peer = connect();
    peer->send(std::string(body.empty() ? "GET " : "POST ") + std::string(target) +
               " HTTP/1.1\r\nHost: Shop.Example\r\n" + "Connection: close\r\n" + std::string(fields) +
               (body.empty() ? "" : "Content-Length: " + std::to_string(body.size()) + "\r\n") + "\r\n" +
               std::string(body));
    run_until([&] { return peer->over(); });
    return peer->text();
  }

  net::Ledger ledger_{64 * 1024 * 1024};
  http::ServerSettings settings_;
  std::ostringstream log_;
  EchoHandler handler_{{.namespace_ = "shop", .ingress = "in", .service = "web", .pod = "web-1", .port = 9101}, log_};
  http::h1::Server server_{loop_, handler_, settings_, ledger_};
};

}  // namespace sallyport::commands
