// SPDX-License-Identifier: Apache-2.0
#include "http/h1/client_connection.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "support/descriptors.hpp"
#include "support/loop_test.hpp"
#include "support/peer.hpp"
#include "support/scripted_body.hpp"

namespace sallyport::http::h1 {
namespace {

using support::Gate;
using support::ScriptedBody;

// One request and what became of it.
struct Exchange {
  Exchange() {
    request.head.method = Method::get;
    request.head.method_text = "GET";
    request.head.path = "/";
    request.head.authority = "a";
  }

  Arena arena;
  Notes notes;
  Request request{arena};
  ResponseHead head{arena};
  Hop hop;
  net::Time deadline = net::Time::max();
  std::optional<Result<void>> sent;
  std::vector<Result<void>> heads;
  std::vector<int> statuses;
  std::string body;
  std::optional<Error> body_error;
  std::optional<bool> clean;  // set: it is over
};

net::Task<void> receive(ClientConnection& connection, Exchange& exchange) {
  do {
    exchange.heads.push_back(
        co_await connection.read_head(exchange.request.head.method, exchange.head, exchange.deadline));
    if (!exchange.heads.back()) co_return;
    exchange.statuses.push_back(exchange.head.status);
  } while (exchange.head.status < 200 && exchange.head.status != 101);
  BodyReader& body = connection.begin_body(exchange.head.framing);
  for (;;) {
    const Result<std::string_view> piece = co_await body.read();
    if (!piece) exchange.body_error = piece.error();
    if (!piece || piece->empty()) co_return;
    exchange.body += *piece;
  }
}

net::Task<void> run(ClientConnection& connection, Exchange& exchange) {
  exchange.sent = co_await connection.send(exchange.request, exchange.hop);
  if (*exchange.sent) co_await receive(connection, exchange);
  exchange.clean = connection.end();
}

net::Task<void> send_only(ClientConnection& connection, Exchange& exchange) {
  exchange.sent = co_await connection.send(exchange.request, exchange.hop);
}

net::Task<void> connect_to(ClientConnection& connection, net::Time deadline, std::optional<Result<void>>& result) {
  result = co_await connection.connected(deadline);
}

class Dropper final : public ClientConnection::Keeper {
 public:
  explicit Dropper(std::unique_ptr<ClientConnection>& kept) : kept_(kept) {}
  void drop(ClientConnection& connection) override {
    EXPECT_EQ(&connection, kept_.get());
    ++drops;
    kept_.reset();
  }
  int drops = 0;

 private:
  std::unique_ptr<ClientConnection>& kept_;
};

class ClientConnectionTest : public support::LoopTest {
 protected:
  void connect() {
    support::Listener listener = support::tcp_listener(1);
    net::IoResult<net::Fd> fd = net::start_connect(listener.address);
    ASSERT_TRUE(fd);
    connection_ = std::make_unique<ClientConnection>(loop_, std::move(*fd), settings_, ledger_);
    std::optional<Result<void>> result;
    net::Task<void> task = connect_to(*connection_, net::Clock::now() + net::Duration(20'000), result);
    task.start();
    run_until([&] { return result.has_value(); });
    ASSERT_TRUE(*result);
    net::Fd accepted(::accept4(listener.fd.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    ASSERT_TRUE(accepted);
    origin_ = std::make_unique<support::Peer>(loop_, std::move(accepted));
  }

  // Connects, and begins an exchange.
  void begin() {
    ASSERT_NO_FATAL_FAILURE(connect());
    ASSERT_TRUE(connection_->begin(exchange_.arena, exchange_.notes));
  }

  // Nobody reads on when a part of the answer's body has come.
  void give_up_within_the_answer() {
    ASSERT_NO_FATAL_FAILURE(begin());
    net::Task<void> upload = send_only(*connection_, exchange_);
    upload.start();
    task_ = receive(*connection_, exchange_);
    task_.start();
    run_until([&] { return origin_->text().ends_with("\r\n\r\n"); });
    origin_->send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe");
    run_until([&] { return exchange_.body == "he"; });
    task_.reset();
  }

  // The origin gets the request and then says this. What comes of it.
  void answer(std::string_view text, bool ends = false) {
    ASSERT_NO_FATAL_FAILURE(begin());
    task_ = run(*connection_, exchange_);
    task_.start();
    run_until([&] { return origin_->text().find("\r\n\r\n") != std::string::npos; });
    origin_->send(text);
    if (ends) origin_->finish();
    run_until([&] { return exchange_.clean.has_value(); });
  }
  bool clean() const { return exchange_.clean.value_or(false); }
  std::optional<Code> head_error() const {
    if (exchange_.heads.empty() || exchange_.heads.back()) return std::nullopt;
    return exchange_.heads.back().error().code;
  }

  // A first exchange, well ended, and kept.
  void keep_one(Dropper& dropper) {
    answer("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
    ASSERT_TRUE(clean());
    connection_->keep(dropper);
    turn();
    ASSERT_EQ(dropper.drops, 0);
  }

  ClientSettings settings_;
  net::Ledger ledger_{64 * 1024 * 1024};
  std::unique_ptr<ClientConnection> connection_;
  std::unique_ptr<support::Peer> origin_;
  Exchange exchange_;
  net::Task<void> task_;
  Gate gate_;
};

TEST_F(ClientConnectionTest, SendsARequestAndReadsItsAnswer) {
  answer("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX: y\r\n\r\nhello");
  EXPECT_EQ(origin_->text(), "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(exchange_.statuses, std::vector{200});
  EXPECT_EQ(exchange_.body, "hello");
}

TEST_F(ClientConnectionTest, IsCleanAfterALength) {
  answer("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
  EXPECT_TRUE(clean());
  EXPECT_EQ(loop_.buffers().in_use(), 0U) << "and holds nothing";
}

TEST_F(ClientConnectionTest, IsCleanAfterChunks) {
  answer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n");
  EXPECT_EQ(exchange_.body, "hello");
  EXPECT_TRUE(clean());
}

TEST_F(ClientConnectionTest, IsCleanAfterAnAnswerWithoutABody) {
  answer("HTTP/1.1 204 No Content\r\n\r\n");
  EXPECT_TRUE(clean());
}

TEST_F(ClientConnectionTest, IsCleanAfterTheAnswerToHead) {
  exchange_.request.head.method = Method::head;
  exchange_.request.head.method_text = "HEAD";
  answer("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
  EXPECT_TRUE(clean());
}

TEST_F(ClientConnectionTest, IsCleanWhenTheLastReceiveFilledItsRoom) {
  ASSERT_NO_FATAL_FAILURE(begin());
  const std::string body(net::BufferPool::large, 'x');
  task_ = run(*connection_, exchange_);
  task_.start();
  run_until([&] { return !origin_->text().empty(); });
  origin_->send(text::cat("HTTP/1.1 200 OK\r\nContent-Length: ", body.size(), "\r\n\r\n"));
  run_until([&] { return !exchange_.statuses.empty(); });
  origin_->send(body);
  run_until([&] { return exchange_.clean.has_value(); });
  EXPECT_EQ(exchange_.body.size(), body.size());
  EXPECT_TRUE(clean());
}

TEST_F(ClientConnectionTest, IsUncleanWhenTheUpstreamSaysClose) {
  answer("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello");
  EXPECT_EQ(exchange_.body, "hello");
  EXPECT_FALSE(clean());
}

TEST_F(ClientConnectionTest, IsUncleanAfterABodyThatEndsWithTheConnection) {
  answer("HTTP/1.1 200 OK\r\n\r\nhello", true);
  EXPECT_EQ(exchange_.body, "hello");
  EXPECT_FALSE(exchange_.body_error);
  EXPECT_FALSE(clean());
}

TEST_F(ClientConnectionTest, IsUncleanAfterAnAnswerOfHttp10) {
  answer("HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello");
  EXPECT_FALSE(clean());
}

// H1-18: surplus bytes poison the connection.
TEST_F(ClientConnectionTest, IsUncleanWhenBytesAreLeftOver) {
  answer("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello!");
  EXPECT_EQ(exchange_.body, "hello");
  EXPECT_FALSE(clean());
}

TEST_F(ClientConnectionTest, IsUncleanWhenTheUpstreamEndedMeanwhile) {
  answer("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", true);
  EXPECT_EQ(exchange_.body, "hello");
  EXPECT_FALSE(clean());
}

// H1-18: what is there before the request went out is no answer to it, and it does not go out.
TEST_F(ClientConnectionTest, WhatCameBeforeTheRequestWasSentIsNoAnswerToIt) {
  ASSERT_NO_FATAL_FAILURE(begin());
  origin_->send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
  task_ = run(*connection_, exchange_);  // the loop has not told of the bytes yet
  task_.start();
  run_until([&] { return exchange_.clean.has_value(); });
  EXPECT_EQ(exchange_.body, "");
  EXPECT_FALSE(clean());
  ASSERT_EQ(head_error(), Code::upstream_reset);
  EXPECT_TRUE(exchange_.heads.back().error().retry_safe);
  turn();
  EXPECT_EQ(origin_->text(), "");
}

TEST_F(ClientConnectionTest, IsUncleanWhenTheBodyIsShort) {
  answer("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel", true);
  ASSERT_TRUE(exchange_.body_error);
  EXPECT_EQ(exchange_.body_error->code, Code::upstream_truncated);
  EXPECT_FALSE(clean());
}

TEST_F(ClientConnectionTest, IsUncleanWhenAChunkIsMalformed) {
  answer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhelloX\r\n");
  ASSERT_TRUE(exchange_.body_error);
  EXPECT_EQ(exchange_.body_error->code, Code::upstream_malformed);
  EXPECT_FALSE(clean());
}

// H1-4: the answer came before the request's body was sent whole.
TEST_F(ClientConnectionTest, IsUncleanWhenTheRequestWasNotSentWhole) {
  ASSERT_NO_FATAL_FAILURE(begin());
  ScriptedBody body;
  body.add("never", &gate_);
  exchange_.request.body = &body;
  exchange_.request.head.framing = {.kind = Framing::Kind::length, .length = 5};
  net::Task<void> upload = send_only(*connection_, exchange_);
  upload.start();
  task_ = receive(*connection_, exchange_);
  task_.start();
  origin_->send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nearly");
  run_until([&] { return task_.done(); });
  EXPECT_EQ(exchange_.body, "early");
  EXPECT_FALSE(upload.done());
  upload.reset();
  EXPECT_FALSE(connection_->end());
}

TEST_F(ClientConnectionTest, IsUncleanWhenTheAnswersBodyWasNotReadWhole) {
  ASSERT_NO_FATAL_FAILURE(give_up_within_the_answer());
  EXPECT_FALSE(connection_->end());
}

// A FIN would leave its port in TIME_WAIT, and there are not more than 28,000 of them.
TEST_F(ClientConnectionTest, AnExchangeThatIsGivenUpEndsByAReset) {
  ASSERT_NO_FATAL_FAILURE(begin());
  net::Task<void> upload = send_only(*connection_, exchange_);
  upload.start();
  run_until([&] { return origin_->text().ends_with("\r\n\r\n"); });
  EXPECT_FALSE(connection_->end());
  connection_.reset();
  run_until([&] { return origin_->over(); });
  EXPECT_TRUE(origin_->saw_reset());
}

TEST_F(ClientConnectionTest, AConnectionThatIsNotUsedEndsByAReset) {
  ASSERT_NO_FATAL_FAILURE(connect());
  connection_.reset();
  run_until([&] { return origin_->over(); });
  EXPECT_TRUE(origin_->saw_reset());
}

// What it refuses a request with can be read to its end.
TEST_F(ClientConnectionTest, AnExchangeThatIsGivenUpWithinTheAnswerEndsWithoutAReset) {
  ASSERT_NO_FATAL_FAILURE(give_up_within_the_answer());
  EXPECT_FALSE(connection_->end());
  connection_.reset();
  run_until([&] { return origin_->over(); });
  EXPECT_FALSE(origin_->saw_reset());
}

TEST_F(ClientConnectionTest, AWholeExchangeEndsWithoutAReset) {
  answer("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello");
  EXPECT_FALSE(clean());
  connection_.reset();
  run_until([&] { return origin_->over(); });
  EXPECT_FALSE(origin_->saw_reset());
}

// H1-11: a connection that carried Upgrade is never shared, whatever was answered.
TEST_F(ClientConnectionTest, IsUncleanWhenAnUpgradeWasAskedFor) {
  exchange_.hop.upgrade = "websocket";
  answer("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
  EXPECT_NE(origin_->text().find("Upgrade: websocket\r\n"), std::string::npos);
  EXPECT_FALSE(clean());
}

TEST_F(ClientConnectionTest, AMalformedHeadIsTheUpstreamsFault) {
  for (const std::string_view text : {"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
                                      "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx",
                                      "HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n", "nonsense\r\n\r\n"}) {
    exchange_.heads.clear();
    exchange_.clean.reset();
    answer(text);
    EXPECT_EQ(head_error(), Code::upstream_malformed) << text;
    EXPECT_FALSE(clean());
  }
}

TEST_F(ClientConnectionTest, AnEndBeforeTheAnswerIsAReset) {
  answer("", true);
  EXPECT_EQ(head_error(), Code::upstream_reset);
  EXPECT_FALSE(connection_->may_be_stale()) << "it was new";
}

TEST_F(ClientConnectionTest, AnEndWithinTheHeadIsATruncation) {
  answer("HTTP/1.1 200 O", true);
  EXPECT_EQ(head_error(), Code::upstream_truncated);
}

TEST_F(ClientConnectionTest, AHeadComesInPieces) {
  ASSERT_NO_FATAL_FAILURE(begin());
  task_ = run(*connection_, exchange_);
  task_.start();
  run_until([&] { return origin_->text().ends_with("\r\n\r\n"); });
  for (const char c : std::string_view("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")) {
    origin_->send(std::string_view(&c, 1));
    turn(1);
  }
  run_until([&] { return exchange_.clean.has_value(); });
  EXPECT_EQ(exchange_.body, "hi");
  EXPECT_TRUE(clean());
}

TEST_F(ClientConnectionTest, InterimHeadsComeOneByOne) {
  answer(
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: "
      "0\r\n\r\n");
  EXPECT_EQ(exchange_.statuses, (std::vector{100, 103, 200}));
  EXPECT_TRUE(clean());
}

TEST_F(ClientConnectionTest, BytesBehindA101AreTheTunnels) {
  ASSERT_NO_FATAL_FAILURE(begin());
  exchange_.hop.upgrade = "websocket";
  net::Task<void> upload = send_only(*connection_, exchange_);
  upload.start();
  task_ = receive(*connection_, exchange_);
  task_.start();
  run_until([&] { return origin_->text().ends_with("\r\n\r\n"); });
  origin_->send("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\nearly");
  run_until([&] { return !exchange_.statuses.empty(); });
  EXPECT_EQ(exchange_.head.upgrade, "websocket");
  auto early = connection_->begin_tunnel().read(net::Time::max());
  early.start();
  ASSERT_TRUE(early.done());
  EXPECT_EQ(early.take(), std::string_view("early"));
  task_.reset();
  EXPECT_FALSE(connection_->end());
}

TEST_F(ClientConnectionTest, AHeadThatDoesNotComeTimesOut) {
  ASSERT_NO_FATAL_FAILURE(begin());
  exchange_.deadline = net::Clock::now() + net::Duration(20);
  task_ = run(*connection_, exchange_);
  task_.start();
  run_until([&] { return exchange_.clean.has_value(); });
  EXPECT_EQ(head_error(), Code::upstream_timeout);
  EXPECT_FALSE(clean());
}

TEST_F(ClientConnectionTest, TheHeadsDeadlineIsReplaced) {
  ASSERT_NO_FATAL_FAILURE(begin());
  task_ = run(*connection_, exchange_);
  task_.start();
  turn();
  connection_->replace_head_deadline(net::Clock::now() + net::Duration(20));
  run_until([&] { return exchange_.clean.has_value(); });
  EXPECT_EQ(head_error(), Code::upstream_timeout);
}

TEST_F(ClientConnectionTest, InterruptEndsTheWaitForAHead) {
  ASSERT_NO_FATAL_FAILURE(begin());
  task_ = run(*connection_, exchange_);
  task_.start();
  turn();
  connection_->interrupt();
  run_until([&] { return exchange_.clean.has_value(); });
  EXPECT_EQ(head_error(), Code::upstream_reset);
}

TEST_F(ClientConnectionTest, ABodyThatStopsTimesOut) {
  settings_.body.grace = net::Duration(20);
  answer("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe");
  ASSERT_TRUE(exchange_.body_error);
  EXPECT_EQ(exchange_.body_error->code, Code::upstream_timeout);
}

TEST_F(ClientConnectionTest, ARequestsBodyThatFailsIsThatError) {
  ASSERT_NO_FATAL_FAILURE(begin());
  ScriptedBody body;
  body.add("some");
  body.fail_at_end({.code = Code::body_too_slow});
  exchange_.request.body = &body;
  exchange_.request.head.framing.kind = Framing::Kind::chunked;
  task_ = run(*connection_, exchange_);
  task_.start();
  run_until([&] { return exchange_.clean.has_value(); });
  ASSERT_FALSE(*exchange_.sent);
  EXPECT_EQ(exchange_.sent->error().code, Code::body_too_slow);
  EXPECT_FALSE(clean());
}

TEST_F(ClientConnectionTest, AConnectThatIsRefusedIsSafeToRetry) {
  net::IoResult<net::Fd> fd = net::start_connect(support::unused_address());
  if (!fd) return;  // the kernel said so at once
  ClientConnection connection(loop_, std::move(*fd), settings_, ledger_);
  std::optional<Result<void>> result;
  net::Task<void> task = connect_to(connection, net::Clock::now() + net::Duration(20'000), result);
  task.start();
  run_until([&] { return result.has_value(); });
  ASSERT_FALSE(*result);
  EXPECT_EQ(result->error().code, Code::connect_failed);
  EXPECT_TRUE(result->error().retry_safe);
}

TEST_F(ClientConnectionTest, AKeptConnectionServesAgain) {
  Dropper dropper(connection_);
  ASSERT_NO_FATAL_FAILURE(keep_one(dropper));
  Exchange second;
  ASSERT_TRUE(connection_->begin(second.arena, second.notes));
  task_ = run(*connection_, second);
  task_.start();
  EXPECT_TRUE(connection_->may_be_stale()) << "nothing of this answer came yet";
  run_until([&] { return origin_->text().size() > 30; });
  origin_->send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nagain");
  run_until([&] { return second.clean.has_value(); });
  EXPECT_EQ(second.body, "again");
  EXPECT_FALSE(connection_->may_be_stale());
  EXPECT_EQ(second.clean, true);
  EXPECT_EQ(dropper.drops, 0);
}

TEST_F(ClientConnectionTest, TheKeeperIsToldOfTheEnd) {
  Dropper dropper(connection_);
  ASSERT_NO_FATAL_FAILURE(keep_one(dropper));
  origin_->finish();
  run_until([&] { return dropper.drops == 1; });
}

TEST_F(ClientConnectionTest, TheKeeperIsToldOfAReset) {
  Dropper dropper(connection_);
  ASSERT_NO_FATAL_FAILURE(keep_one(dropper));
  origin_->reset();
  run_until([&] { return dropper.drops == 1; });
}

TEST_F(ClientConnectionTest, TheKeeperIsToldOfBytesThatNobodyAskedFor) {
  Dropper dropper(connection_);
  ASSERT_NO_FATAL_FAILURE(keep_one(dropper));
  origin_->send("HTTP/1.1 408 Request Timeout\r\n\r\n");
  run_until([&] { return dropper.drops == 1; });
}

TEST_F(ClientConnectionTest, TheKeeperIsToldWhenItIsTooOld) {
  settings_.idle = net::Duration(20);
  Dropper dropper(connection_);
  ASSERT_NO_FATAL_FAILURE(keep_one(dropper));
  run_until([&] { return dropper.drops == 1; });
}

TEST_F(ClientConnectionTest, TheIdleDeadlineIsNotTheNextExchanges) {
  settings_.idle = net::Duration(20);
  Dropper dropper(connection_);
  ASSERT_NO_FATAL_FAILURE(keep_one(dropper));
  Exchange second;
  ASSERT_TRUE(connection_->begin(second.arena, second.notes));
  task_ = run(*connection_, second);
  task_.start();
  const net::Time past = net::Clock::now() + net::Duration(40);
  run_past(past);
  EXPECT_FALSE(second.clean);
  EXPECT_EQ(dropper.drops, 0);
  origin_->send("HTTP/1.1 204 No Content\r\n\r\n");
  run_until([&] { return second.clean.has_value(); });
  EXPECT_EQ(second.clean, true);
}

// Between end() and keep() nobody listens: begin() finds what came then.
TEST_F(ClientConnectionTest, DoesNotBeginWhenTheEndCameUnseen) {
  answer("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
  ASSERT_TRUE(clean());
  origin_->finish();
  run_until([&] { return connection_->socket().hung_up(); });
  Exchange second;
  EXPECT_FALSE(connection_->begin(second.arena, second.notes));
}

TEST_F(ClientConnectionTest, AStaleConnectionFailsBeforeItsFirstByte) {
  answer("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
  ASSERT_TRUE(clean());
  Exchange second;
  ASSERT_TRUE(connection_->begin(second.arena, second.notes));
  origin_->close();  // in the very moment
  task_ = run(*connection_, second);
  task_.start();
  run_until([&] { return second.clean.has_value(); });
  const Result<void>& failed = *second.sent ? second.heads.back() : *second.sent;
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, Code::upstream_reset);
  EXPECT_TRUE(connection_->may_be_stale());
}

TEST_F(ClientConnectionTest, DroppingAnExchangeGivesBackWhatItHeld) {
  ASSERT_NO_FATAL_FAILURE(begin());
  ScriptedBody body;
  body.add("never", &gate_);
  exchange_.request.body = &body;
  exchange_.request.head.framing.kind = Framing::Kind::chunked;
  task_ = run(*connection_, exchange_);
  task_.start();
  turn();
  EXPECT_GT(loop_.buffers().in_use(), 0U);
  task_.reset();
  connection_.reset();
  EXPECT_EQ(loop_.buffers().in_use(), 0U);
  run_until([&] { return origin_->over(); });
}

}  // namespace
}  // namespace sallyport::http::h1
