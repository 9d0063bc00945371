// SPDX-License-Identifier: Apache-2.0
// A fixture with an API server's place and a client for it, on one loop.

#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "sources/api_server/client.hpp"
#include "support/gate.hpp"
#include "support/loop_test.hpp"
#include "support/pki.hpp"
#include "support/scripted_body.hpp"
#include "unit/sources/api_server/host.hpp"
#include "unit/sources/temporary_folder.hpp"

namespace sallyport::sources::api_server {

class ClientTest : public support::LoopTest {
 protected:
  ClientTest() {
    manner_.issued = issued_;
    options_.user_agent = "sallyport/1.2.3 (kubernetes)";
    options_.pauses = {.first = net::Duration(1), .longest = net::Duration(4)};
  }

  // Both are made when they are first asked for, so that a test can choose before.
  Host& host() {
    if (!host_) {
      host_ = std::make_unique<Host>(loop_, manner_);
      host_->script = says_hello;
    }
    return *host_;
  }
  Client& client() {
    if (client_) return *client_;
    if (settings_.server.port == 0) settings_.server.port = host().address().port;
    if (settings_.server.host.empty()) settings_.server.host = "127.0.0.1";
    settings_.server.is_tls = !manner_.issued.certificate.empty();
    settings_.origin = "the test";
    if (settings_.authority.empty() && settings_.authority_file.empty()) settings_.authority = authority_.pem();
    client_ = std::make_unique<Client>(
        loop_, std::move(settings_),
        [this](std::string name, net::Time deadline) { return resolve(std::move(name), deadline); }, options_);
    return *client_;
  }

  net::Task<Result<std::vector<syntax::IpAddress>>> resolve(std::string name, net::Time) {
    resolved_.push_back(name);
    if (name == "nowhere.example.com") co_return fail(invalid("no such name"));
    co_return std::vector<syntax::IpAddress>{*syntax::IpAddress::parse("127.0.0.1")};
  }

  struct Asking {
    std::optional<Result<Answer>> answer;
    net::Task<void> task;
  };
  static net::Task<void> keep(Client& client, Ask ask, Asking& into) {
    into.answer.emplace(co_await client.ask(std::move(ask)));
  }
  std::unique_ptr<Asking> start(Ask ask) {
    auto asking = std::make_unique<Asking>();
    asking->task = keep(client(), std::move(ask), *asking);
    asking->task.start();
    return asking;
  }
  static Ask get(std::string target) { return {.target = std::move(target)}; }
  Result<Answer> ask(Ask ask) {
    const auto asking = start(std::move(ask));
    if (!run_until([&] { return asking->answer.has_value(); })) return fail(Code::internal);
    return std::move(*asking->answer);
  }
  // "200 hello", or what is wrong.
  std::string said(Ask ask) {
    const Result<Answer> answer = this->ask(std::move(ask));
    return answer ? text::cat(answer->status, " ", answer->body) : answer.error().detail;
  }

  struct Watching {
    std::optional<Result<std::unique_ptr<Stream>>> opened;
    std::optional<Result<std::string>> piece;
    net::Task<void> task;

    Stream& stream() { return **opened.value(); }
  };
  static net::Task<void> keep(Client& client, Ask ask, Watching& into) {
    into.opened.emplace(co_await client.open(std::move(ask)));
  }
  static net::Task<void> keep_piece(Watching& into, net::Time deadline) {
    const Result<std::string_view> piece = co_await into.stream().read(deadline);
    into.piece = piece ? Result<std::string>(std::string(*piece)) : Failure(piece.error());
  }
  std::unique_ptr<Watching> open(std::string target) {
    auto watching = std::make_unique<Watching>();
    watching->task = keep(client(), get(std::move(target)), *watching);
    watching->task.start();
    EXPECT_TRUE(run_until([&] { return watching->opened.has_value(); }));
    EXPECT_TRUE(*watching->opened) << watching->opened->error().detail;
    return watching;
  }
  void start_read(Watching& watching, net::Duration time = net::Duration(20'000)) {
    watching.piece.reset();
    watching.task = keep_piece(watching, net::Clock::now() + time);
    watching.task.start();
  }
  Result<std::string> read(Watching& watching, net::Duration time = net::Duration(20'000)) {
    start_read(watching, time);
    if (!run_until([&] { return watching.piece.has_value(); })) return fail(Code::internal);
    return *watching.piece;
  }

  // Scripts.

  static net::Task<Result<http::Response>> says_hello(http::Incoming& incoming, const Asked&) {
    co_return Host::json(incoming, 200, "hello");
  }
  // A watch: one line now, and one whenever the gate lets it pass.
  static net::Task<Result<http::Response>> streams(http::Incoming& incoming, support::Gate& gate) {
    http::Response response(incoming.arena);
    auto* body = incoming.arena.make<support::ScriptedBody>();
    body->add("one\n");
    body->add("two\n", &gate);
    response.head.framing.kind = http::Framing::Kind::chunked;
    response.body.reset(body);
    co_return response;
  }
  Host::Script watches() {
    return [this](http::Incoming& incoming, const Asked& asked) {
      return asked.target.contains("watch") ? streams(incoming, gate_) : says_hello(incoming, asked);
    };
  }

  support::Gate gate_;  // outlives whoever waits before it
  TemporaryFolder folder_;
  support::Authority authority_{"cluster"};
  support::Issued issued_ = authority_.issue({.names = "IP:127.0.0.1,DNS:*.example.com"});
  Host::Manner manner_;
  AccessSettings settings_;
  ClientOptions options_;
  std::vector<std::string> resolved_;
  std::unique_ptr<Host> host_;
  std::unique_ptr<Client> client_;
};

}  // namespace sallyport::sources::api_server
