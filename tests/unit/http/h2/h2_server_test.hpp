// SPDX-License-Identifier: Apache-2.0
// A fixture with an HTTP/2 server on the test's loop, a handler that does what the test says, and clients over TCP that
// the test plays frame by frame.

#pragma once

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "http/h2/server.hpp"
#include "support/descriptors.hpp"
#include "support/gate.hpp"
#include "support/h2_client.hpp"
#include "support/loop_test.hpp"
#include "support/scripted_body.hpp"
#include "support/scripted_handler.hpp"

namespace sallyport::http::h2 {

using support::h2_frame;
using support::h2_get;
using support::h2_number;
using support::h2_post;
using support::h2_reset;
using support::h2_window_update;
using support::H2Client;
using support::HeaderList;

class H2ServerTest : public support::LoopTest {
 protected:
  H2ServerTest() { handler_.script = support::say_path; }

  // Made when it is first asked for, so that a test can choose settings before.
  Server& server() {
    if (!server_) {
      server_.emplace(loop_, handler_, settings_, ledger_);
      server_->set_on_closed([this](const ConnectionFacts&) { ++closed_; });
    }
    return *server_;
  }
  void destroy_server() { server_.reset(); }

  // That has said nothing yet.
  std::unique_ptr<H2Client> connect(std::string_view early = {}) {
    support::Pair pair = support::tcp_pair();
    const int on = 1;  // what a test sends in pieces comes in pieces, at once
    ::setsockopt(pair.other.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const auto facts = ConnectionFacts::of(*syntax::SocketAddress::parse("192.0.2.1:1234"));
    server().accept({.fd = std::move(pair.one), .stream = nullptr}, facts, early);
    return std::make_unique<H2Client>(std::make_unique<support::Peer>(loop_, std::move(pair.other)));
  }
  std::unique_ptr<H2Client> start(const std::vector<std::pair<std::uint16_t, std::uint32_t>>& entries = {}) {
    auto client = connect();
    client->start(entries);
    return client;
  }

  bool answered(H2Client& client, std::uint32_t stream) {
    return run_until([&] { return client.answer(stream).over() || client.over(); });
  }
  // The connection ends, with this error.
  void expect_end(H2Client& client, ErrorCode error) {
    ASSERT_TRUE(run_until([&] { return client.over(); }));
    ASSERT_FALSE(client.goaways().empty());
    EXPECT_EQ(client.goaways().back().error, error);
  }
  void expect_reset(H2Client& client, std::uint32_t stream, ErrorCode error) {
    ASSERT_TRUE(answered(client, stream));
    EXPECT_EQ(client.answer(stream).reset, error);
  }

  support::Gate gate_;  // outlives whoever waits before it
  support::ScriptedHandler handler_;
  ServerSettings settings_;
  net::Ledger ledger_{64 * 1024 * 1024};
  int closed_ = 0;

 private:
  std::optional<Server> server_;
};

}  // namespace sallyport::http::h2
