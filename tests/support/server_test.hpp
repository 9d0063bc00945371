// SPDX-License-Identifier: Apache-2.0
// A fixture with an HTTP/1 server on the test's loop, a handler that does what the test says, and clients over TCP.

#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/text.hpp"
#include "http/h1/server.hpp"
#include "support/descriptors.hpp"
#include "support/loop_test.hpp"
#include "support/peer.hpp"
#include "support/scripted_body.hpp"
#include "support/scripted_handler.hpp"

namespace sallyport::support {

class ServerTest : public LoopTest {
 protected:
  ServerTest() { handler_.script = say_path; }

  // Made when it is first asked for, so that a test can choose settings before.
  http::h1::Server& server() {
    if (!server_) {
      server_.emplace(loop_, handler_, settings_, ledger_);
      server_->set_on_closed([this](const http::ConnectionFacts&) { ++closed_; });
    }
    return *server_;
  }
  void destroy_server() { server_.reset(); }

  std::unique_ptr<Peer> connect() {
    Pair pair = tcp_pair();
    server().accept(std::move(pair.one), http::ConnectionFacts::of(*syntax::SocketAddress::parse("192.0.2.1:1234")));
    return std::make_unique<Peer>(loop_, std::move(pair.other));
  }

  static std::string get(std::string_view path) { return text::cat("GET ", path, " HTTP/1.1\r\nHost: a\r\n\r\n"); }

  void expect_gone_once() {
    ASSERT_EQ(handler_.outcomes.size(), 1U);
    EXPECT_EQ(handler_.outcomes[0].error, Code::client_gone);
  }

  // Handlers.

  static net::Task<Result<http::Response>> fails(http::Incoming&, Code code) { co_return fail(code); }

  // The body's first read does.
  static net::Task<Result<http::Response>> fails_in_body(http::Incoming& incoming, const Error& error) {
    http::Response response(incoming.arena);
    auto* body = incoming.arena.make<ScriptedBody>();
    body->fail_at_end(error);
    response.head.framing.kind = http::Framing::Kind::chunked;
    response.body.reset(body);
    co_return response;
  }

  static net::Task<Result<http::Response>> says_much(http::Incoming& incoming) {
    http::Response response(incoming.arena);
    auto* body = incoming.arena.make<ScriptedBody>();
    body->repeat_for_ever(std::string(60'000, 'x'));
    response.head.framing.kind = http::Framing::Kind::chunked;
    response.body.reset(body);
    co_return response;
  }

  // In chunks: `early`, and `late` when the gate opens; then the end, or the error if there is one.
  static net::Task<Result<http::Response>> streams(http::Incoming& incoming, std::string early, Gate& gate,
                                                   std::string late, const Error* error) {
    http::Response response(incoming.arena);
    auto* body = incoming.arena.make<ScriptedBody>();
    if (!early.empty()) body->add(early);
    body->add(late, &gate);
    if (error != nullptr) body->fail_at_end(*error);
    response.head.framing.kind = http::Framing::Kind::chunked;
    response.body.reset(body);
    co_return response;
  }

  ScriptedHandler handler_;
  http::ServerSettings settings_;
  net::Ledger ledger_{64 * 1024 * 1024};
  int closed_ = 0;

 private:
  std::optional<http::h1::Server> server_;
};

}  // namespace sallyport::support
