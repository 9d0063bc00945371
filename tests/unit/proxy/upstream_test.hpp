// SPDX-License-Identifier: Apache-2.0
// A fixture with origins, a pool and calls to it, all on the test's loop.

#pragma once

#include <gtest/gtest.h>

#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "proxy/upstream_call.hpp"
#include "support/loop_test.hpp"
#include "support/scripted_body.hpp"
#include "unit/proxy/origin.hpp"

namespace sallyport::proxy {

class Interims final : public http::InterimSink {
 public:
  net::Task<Result<void>> interim(const http::ResponseHead& head) override {
    seen.push_back(head.status);
    if (gate != nullptr) co_await gate->opened();
    co_return Result<void>();
  }

  std::vector<std::uint16_t> seen;
  support::Gate* gate = nullptr;
};

// One request and what comes of it. Dropping it cancels it.
struct Call {
  Call(http::Method method, std::string_view text) {
    request.head.method = method;
    request.head.method_text = text;
    request.head.path = "/";
    request.head.host = request.head.authority = "a";
  }

  static net::Task<void> ask_it(Call& call, Pool& pool, Question question) {
    call.result.emplace(co_await ask(pool, question));
  }
  static net::Task<void> read_it(Call& call) {
    for (;;) {
      const Result<std::string_view> piece = co_await (*call.result)->body->read();
      if (!piece) call.body_error = piece.error();
      if (!piece || piece->empty()) break;
      call.body += *piece;
    }
    call.body_ended = true;
  }

  void start(Pool& pool, http::InterimSink* interim = nullptr, net::Time deadline = net::Time::max()) {
    task =
        ask_it(*this, pool, {.request = request, .arena = arena, .deadline = deadline, .interim = interim, .log = log});
    task.start();
  }
  void start_reading() {
    reading = read_it(*this);
    reading.start();
  }
  void drop() {
    reading.reset();
    task.reset();
    result.reset();
  }

  bool answered() const { return result.has_value(); }
  std::uint16_t status() const { return result && *result ? (*result)->head.status : std::uint16_t{0}; }
  std::optional<Error> error() const {
    return result && !*result ? std::optional<Error>(result->error()) : std::nullopt;
  }

  Arena arena;
  http::Request request{arena};
  support::ScriptedBody request_body;
  filters::LogRecord log;
  std::optional<Result<http::Response>> result;
  std::string body;
  std::optional<Error> body_error;
  bool body_ended = false;
  net::Task<void> task;
  net::Task<void> reading;
};

class UpstreamTest : public support::LoopTest {
 protected:
  ~UpstreamTest() override {
    pool_.reset();
    EXPECT_EQ(ledger_.held(), 0U) << "somebody still holds buffers";
  }

  static model::Endpoint active(const syntax::SocketAddress& address) { return {.address = address}; }
  static model::Endpoint draining(const syntax::SocketAddress& address) {
    return {.address = address, .state = model::Endpoint::State::draining};
  }

  Pool& pool(const std::vector<model::Endpoint>& endpoints, std::size_t offset = 0) {
    pool_ = std::make_shared<Pool>("backend", loop_, settings_, ledger_, offset);
    pool_->update({.id = "set", .endpoints = endpoints, .origin = {}});
    return *pool_;
  }

  Pool& http2_pool(const std::vector<model::Endpoint>& endpoints) {
    pool_ = std::make_shared<Pool>("backend", loop_, settings_, ledger_, 0, nullptr, Pool::MakeRoom(),
                                   Manner{.http2 = true});
    pool_->update({.id = "set", .endpoints = endpoints, .origin = {}});
    return *pool_;
  }

  static std::unique_ptr<Call> get() { return std::make_unique<Call>(http::Method::get, "GET"); }
  static std::unique_ptr<Call> with_body(http::Method method, std::string_view text, std::size_t length) {
    auto call = std::make_unique<Call>(method, text);
    call->request.body = &call->request_body;
    call->request.head.framing = {.kind = http::Framing::Kind::length, .length = length};
    return call;
  }

  // A whole exchange, after which the connection is idle: request number `nth` on it.
  void exchange(Pool& pool, Origin& origin, std::size_t number = 0, std::size_t nth = 1) {
    const auto call = get();
    call->start(pool);
    ASSERT_TRUE(run_until([&] { return origin.asked(number, nth); }));
    origin.peer(number).send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    ASSERT_TRUE(run_until([&] { return call->answered(); }));
    ASSERT_EQ(call->status(), 200);
  }

  http::ClientSettings settings_;
  net::Ledger ledger_{64 * 1024 * 1024};
  std::shared_ptr<Pool> pool_;
};

}  // namespace sallyport::proxy
