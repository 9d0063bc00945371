// SPDX-License-Identifier: Apache-2.0
// Bodies in both directions, Expect, interim heads and tunnels on a client's connection.
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "http/h1/server_connection.hpp"
#include "support/server_test.hpp"

namespace sallyport::http::h1 {
namespace {

using support::Gate;
using support::say_body;
using support::say_path;
using support::say_path_after;
using support::text_response;

using namespace std::string_literals;

std::string post(std::string_view fields, std::string_view body) {
  return text::cat("POST / HTTP/1.1\r\nHost: a\r\n", fields, "\r\n", body);
}

class ServerBodyTest : public support::ServerTest {};

TEST_F(ServerBodyTest, ABodyIsReadAndTheNextRequestBehindIt) {
  handler_.script = say_body;
  const auto client = connect();
  client->send(post("Content-Length: 5\r\n", "hello") +
               post("Transfer-Encoding: chunked\r\n", "3\r\nabc\r\n0\r\n\r\n") + post("Content-Length: 3\r\n", "end"));
  run_until([&] { return client->text().ends_with("end"); });
  EXPECT_NE(client->text().find("\r\n\r\nhello"), std::string::npos);
  EXPECT_NE(client->text().find("\r\n\r\nabc"), std::string::npos);
  ASSERT_EQ(handler_.outcomes.size(), 3U);
  EXPECT_EQ(handler_.outcomes[0].received, 5U);
}

TEST_F(ServerBodyTest, ALongBodyStreamsThroughBoundedMemory) {
  handler_.script = say_body;
  const auto client = connect();
  std::size_t most_held = 0;
  const std::string body(3'000'000, 'x');
  client->send(post(text::cat("Content-Length: ", body.size(), "\r\n"), body));
  run_until([&] {
    most_held = std::max(most_held, loop_.buffers().in_use());
    return handler_.outcomes.size() == 1;
  });
  EXPECT_EQ(handler_.outcomes[0].received, body.size());
  EXPECT_LE(most_held, net::BufferPool::small * 2 + net::BufferPool::large);
}

TEST_F(ServerBodyTest, ABodyThatIsCutIsAClientThatIsGone) {
  handler_.script = say_body;
  const auto client = connect();
  client->send(post("Content-Length: 10\r\n", "short"));
  client->finish();
  run_until([&] { return server().connections() == 0; });
  ASSERT_EQ(handler_.outcomes.size(), 1U);
  EXPECT_EQ(handler_.outcomes[0].error, Code::client_gone);
}

TEST_F(ServerBodyTest, AMalformedChunkGets400AndTheEnd) {
  handler_.script = say_body;
  const auto client = connect();
  client->send(post("Transfer-Encoding: chunked\r\n", "zz\r\n"));
  run_until([&] { return client->saw_end(); });
  EXPECT_TRUE(client->text().starts_with("HTTP/1.1 400 "));
}

TEST_F(ServerBodyTest, ASlowBodyGets408AndTheEnd) {
  settings_.body = {.grace = net::Duration(20), .bytes_per_second = 256};
  settings_.linger = net::Duration(20);
  handler_.script = say_body;
  const auto client = connect();
  client->send(post("Content-Length: 10\r\n", "slow"));
  run_until([&] { return client->saw_end(); });
  EXPECT_TRUE(client->text().starts_with("HTTP/1.1 408 "));
  run_until([&] { return server().connections() == 0; });
  EXPECT_EQ(handler_.outcomes[0].error, Code::body_too_slow);
}

TEST_F(ServerBodyTest, AShortBodyThatNobodyReadIsDrainedAndTheConnectionStays) {
  const auto client = connect();
  client->send(post("Content-Length: 60000\r\n", std::string(30'000, 'x')));
  run_until([&] { return client->text().ends_with("\r\n\r\n/"); });
  EXPECT_EQ(client->take().find("Connection: close"), std::string::npos);
  client->send(std::string(30'000, 'x') + get("/next"));
  run_until([&] { return client->text().ends_with("/next"); });
  EXPECT_FALSE(client->over());
}

TEST_F(ServerBodyTest, ALongBodyThatNobodyReadEndsTheConnection) {
  settings_.linger = net::Duration(600'000);  // its size ends it, not the time
  const auto client = connect();
  client->send(post("Content-Length: 10000000\r\n", std::string(1'000'000, 'x')) + get("/hidden"));
  run_until([&] { return server().connections() == 0; });
  EXPECT_EQ(handler_.seen.size(), 1U);
}

TEST_F(ServerBodyTest, ABodyThatNobodyReadAndThatDoesNotComeEndsTheConnection) {
  settings_.linger = net::Duration(20);
  const auto client = connect();
  client->send(post("Content-Length: 10\r\n", ""));
  run_until([&] { return client->saw_end(); });
  EXPECT_TRUE(client->text().ends_with("\r\n\r\n/")) << "and the answer came";
}

TEST_F(ServerBodyTest, LingeringLetsAClientThatStillSendsReadTheAnswer) {
  handler_.script = [](Incoming& incoming) { return fails(incoming, Code::not_implemented); };
  const auto client = connect();
  client->send(post("Content-Length: 40000\r\n", std::string(10'000, 'x')));
  run_until([&] { return client->saw_end(); });
  EXPECT_TRUE(client->text().starts_with("HTTP/1.1 501 ")) << client->text();
  client->send(std::string(20'000, 'x'));
  turn();
  EXPECT_FALSE(client->saw_reset());
  client->finish();
  run_until([&] { return server().connections() == 0; });
}

TEST_F(ServerBodyTest, LingeringLetsAClientThatPipelinesReadTheAnswer) {
  handler_.script = [](Incoming& incoming) {
    Response response = text_response(incoming.arena, "the last");
    response.head.keep_alive = false;
    return net::Task<Result<Response>>::with(std::move(response));
  };
  const auto client = connect();
  client->send(get("/first"));
  run_until([&] { return client->saw_end(); });
  EXPECT_TRUE(client->text().ends_with("the last")) << client->text();
  client->send(get("/sent-before-the-answer-came"));
  turn();
  EXPECT_EQ(server().connections(), 1U) << "what is closed answers such a request by a reset";
  client->finish();
  run_until([&] { return server().connections() == 0; });
  EXPECT_EQ(handler_.seen.size(), 1U);
}

TEST_F(ServerBodyTest, NobodyLingersForAClientThatSaidClose) {
  settings_.linger = net::Duration(600'000);
  const auto client = connect();
  client->send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  run_until([&] { return client->saw_end(); });
  run_until([&] { return server().connections() == 0; });
}

TEST_F(ServerBodyTest, ContinueIsSaidWhenTheBodyIsAskedFor) {
  handler_.script = say_body;
  const auto client = connect();
  client->send(post("Content-Length: 5\r\nExpect: 100-continue\r\n", ""));
  run_until([&] { return client->text() == "HTTP/1.1 100 Continue\r\n\r\n"; });
  client->take();
  client->send("hello");
  run_until([&] { return client->text().ends_with("hello"); });
  EXPECT_TRUE(client->take().starts_with("HTTP/1.1 200 "));
  client->send(get("/next"));
  run_until([&] { return handler_.seen.size() == 2; });
}

TEST_F(ServerBodyTest, ContinueIsNotSaidWhenTheBodyIsThereAlready) {
  handler_.script = say_body;
  const auto client = connect();
  client->send(post("Content-Length: 5\r\nExpect: 100-continue\r\n", "hello"));
  run_until([&] { return client->text().ends_with("hello"); });
  EXPECT_EQ(client->text().find("100 Continue"), std::string::npos);
}

// Whether the body will come is not known (RFC 9110 10.1.1): the connection must end.
TEST_F(ServerBodyTest, AnAnswerBeforeContinueEndsTheConnection) {
  const auto client = connect();
  client->send(post("Content-Length: 5\r\nExpect: 100-continue\r\n", ""));
  run_until([&] { return client->saw_end(); });
  EXPECT_EQ(client->text().find("100 Continue"), std::string::npos);
  EXPECT_NE(client->text().find("Connection: close\r\n"), std::string::npos);
  client->send("hello" + get("/hidden"));
  client->finish();
  run_until([&] { return server().connections() == 0; });
  EXPECT_EQ(handler_.seen.size(), 1U);
}

// Answers with the body as it comes: first asks for it when the head of the answer is out.
net::Task<Result<Response>> mirror(Incoming& incoming) {
  class Mirror final : public Body {
   public:
    explicit Mirror(Body& of) : of_(of) {}
    net::Task<Result<std::string_view>> read() override { return of_.read(); }
    bool ready() const override { return of_.ready(); }

   private:
    Body& of_;
  };
  Response response(incoming.arena);
  response.head.framing.kind = Framing::Kind::chunked;
  response.body.reset(incoming.arena.make<Mirror>(*incoming.request.body));
  co_return response;
}

TEST_F(ServerBodyTest, ContinueIsNeverSaidBehindAFinalHead) {
  handler_.script = mirror;
  const auto client = connect();
  client->send(post("Content-Length: 5\r\nExpect: 100-continue\r\n", ""));
  run_until([&] { return client->text().starts_with("HTTP/1.1 200 "); });
  client->send("hello");
  run_until([&] { return client->text().ends_with("0\r\n\r\n"); });
  EXPECT_EQ(client->text().find("100 Continue"), std::string::npos) << client->text();
}

TEST_F(ServerBodyTest, ABodyFlowsThroughAsItComes) {
  handler_.script = mirror;
  const auto client = connect();
  client->send(post("Transfer-Encoding: chunked\r\n", "3\r\none\r\n"));
  run_until([&] { return client->text().ends_with("3\r\none\r\n"); });
  client->send("3\r\ntwo\r\n0\r\n\r\n");
  run_until([&] { return client->text().ends_with("3\r\ntwo\r\n0\r\n\r\n"); });
  EXPECT_FALSE(client->over());
}

TEST_F(ServerBodyTest, ABodyThatFailsBeforeItsFirstByteBecomesAnErrorsAnswer) {
  const Error error{.code = Code::upstream_truncated};
  handler_.script = [&](Incoming& incoming) { return fails_in_body(incoming, error); };
  const auto client = connect();
  client->send(get("/one"));
  run_until([&] { return client->text().starts_with("HTTP/1.1 502 Bad Gateway\r\n"); });
  ASSERT_EQ(handler_.outcomes.size(), 1U);
  EXPECT_EQ(handler_.outcomes[0].status, 502);
  EXPECT_EQ(handler_.outcomes[0].error, Code::upstream_truncated);
  client->take();
  handler_.script = say_path;
  client->send(get("/two"));
  run_until([&] { return client->text().ends_with("/two"); });
}

TEST_F(ServerBodyTest, ABodyThatFailsLaterResetsTheClient) {
  Gate gate;
  const Error error{.code = Code::upstream_truncated};
  handler_.script = [&](Incoming& incoming) { return streams(incoming, "early", gate, "late", &error); };
  const auto client = connect();
  client->send(get("/one"));
  run_until([&] { return client->text().find("early") != std::string::npos; });
  gate.open();
  run_until([&] { return client->over(); });
  EXPECT_TRUE(client->saw_reset()) << "a short body must not look whole (H1-18)";
  EXPECT_EQ(client->text().find("0\r\n\r\n"), std::string::npos);
  ASSERT_EQ(handler_.outcomes.size(), 1U);
  EXPECT_EQ(handler_.outcomes[0].status, 200);
  EXPECT_EQ(handler_.outcomes[0].error, Code::upstream_truncated);
}

TEST_F(ServerBodyTest, AnHttp10ClientGetsAnUnframedBodyAndTheEnd) {
  Gate gate;
  gate.open();
  handler_.script = [&](Incoming& incoming) { return streams(incoming, "early ", gate, "late", nullptr); };
  const auto client = connect();
  client->send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  run_until([&] { return client->saw_end(); });
  EXPECT_TRUE(client->text().ends_with("\r\n\r\nearly late")) << client->text();
  EXPECT_EQ(client->text().find("Transfer-Encoding"), std::string::npos);
}

TEST_F(ServerBodyTest, HeadGetsNoBody) {
  const auto client = connect();
  client->send("HEAD /one HTTP/1.1\r\nHost: a\r\n\r\n" + get("/two"));
  run_until([&] { return client->text().ends_with("/two"); });
  EXPECT_EQ(client->text().find("/one"), std::string::npos);
  EXPECT_NE(client->text().find("Content-Length: 4\r\n"), std::string::npos);
}

// Whatever is wrong with it, and wherever reading it came to an end (RFC 9110 9.3.2).
TEST_F(ServerBodyTest, ARefusedHeadRequestGetsNoBody) {
  settings_.head = net::Duration(20);
  settings_.limits.uri = 100;
  settings_.linger = net::Duration(20);
  for (const std::string& head :
       {"HEAD / HTTP/1.1\r\n\r\n"s, "HEAD / HTTP/3.0\r\nHost: a\r\n\r\n"s, "HEAD a HTTP/1.1\r\nHost: a\r\n\r\n"s,
        "HEAD /" + std::string(100, 'a') + " HTTP/1.1\r\n", "\r\nHEAD  / HTTP/1.1\r\n\r\n"s, "HEAD /unfin"s,
        "HEAD / HTTP/1.1\r\nHost: a\r\nX"s}) {
    const auto client = connect();
    client->send(head);
    run_until([&] { return client->over(); });
    EXPECT_TRUE(client->text().starts_with("HTTP/1.1 ")) << head;
    EXPECT_TRUE(client->text().ends_with("\r\n\r\n")) << client->text();
    EXPECT_EQ(client->text().find("Content-Length: 0"), std::string::npos) << "as a GET's would be\n" << client->text();
  }
  const auto other = connect();
  other->send("HEADS / HTTP/1.1\r\n\r\n");
  run_until([&] { return other->over(); });
  EXPECT_FALSE(other->text().ends_with("\r\n\r\n")) << other->text();
}

net::Task<Result<Response>> hints(Incoming& incoming) {
  ResponseHead interim(incoming.arena);
  interim.status = 103;
  interim.reason = "Early Hints";
  EXPECT_TRUE(interim.fields.add("Link", "</a.css>"));
  const Result<void> sent = co_await incoming.interim.interim(interim);
  EXPECT_TRUE(sent);
  co_return text_response(incoming.arena, "final");
}

TEST_F(ServerBodyTest, AnInterimHeadGoesBeforeTheFinalOne) {
  handler_.script = hints;
  const auto client = connect();
  client->send(get("/"));
  run_until([&] { return client->text().ends_with("final"); });
  EXPECT_TRUE(client->text().starts_with("HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\nHTTP/1.1 200 "))
      << client->text();
}

TEST_F(ServerBodyTest, AnHttp10ClientGetsNoInterimHead) {
  handler_.script = hints;
  const auto client = connect();
  client->send("GET / HTTP/1.0\r\n\r\n");
  run_until([&] { return client->text().ends_with("final"); });
  EXPECT_TRUE(client->text().starts_with("HTTP/1.1 200 "));
}

// Sends back what it gets, until the end.
class Echo final : public Tunnel {
 public:
  net::Task<void> run(ByteStream& client, TunnelTotals& totals) override {
    for (;;) {
      const net::IoResult<std::string_view> piece = co_await client.read(net::Time::max());
      if (!piece || piece->empty()) co_return;
      totals.from_client += piece->size();
      const net::IoResult<void> written = co_await client.write(*piece, net::Duration(10'000));
      if (!written) co_return;
      totals.to_client += piece->size();
    }
  }
};

net::Task<Result<Response>> switches(Incoming& incoming) {
  Response response(incoming.arena);
  response.head.status = 101;
  response.head.reason = "Switching Protocols";
  response.head.upgrade = "websocket";
  response.tunnel.reset(incoming.arena.make<Echo>());
  co_return response;
}

constexpr std::string_view upgrade =
    "GET /socket HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

TEST_F(ServerBodyTest, ATunnelCarriesBytesAfterIts101AndThoseThatCameEarly) {
  handler_.script = switches;
  const auto client = connect();
  client->send(text::cat(upgrade, "early "));
  run_until([&] { return client->text().ends_with("\r\n\r\nearly "); });
  EXPECT_TRUE(client->text().starts_with("HTTP/1.1 101 Switching Protocols\r\n"));
  client->send("later");
  run_until([&] { return client->text().ends_with("early later"); });
  client->finish();
  run_until([&] { return server().connections() == 0; });
  ASSERT_EQ(handler_.outcomes.size(), 1U);
  EXPECT_EQ(handler_.outcomes[0].status, 101);
  EXPECT_EQ(handler_.outcomes[0].received, 11U);
  EXPECT_EQ(handler_.outcomes[0].sent, 11U);
  EXPECT_EQ(loop_.buffers().in_use(), 0U);
}

TEST_F(ServerBodyTest, ATunnelIsCancelledByAReset) {
  handler_.script = switches;
  const auto client = connect();
  client->send(upgrade);
  run_until([&] { return client->text().ends_with("\r\n\r\n"); });
  client->reset();
  run_until([&] { return server().connections() == 0; });
  EXPECT_EQ(handler_.outcomes.size(), 1U);
}

TEST_F(ServerBodyTest, EarlyBytesBehindAnUpgradeThatIsNotFollowedEndTheConnection) {
  const auto with_it = connect();
  with_it->send(text::cat(upgrade, get("/hidden")));
  run_until([&] { return with_it->saw_end(); });

  Gate gate;
  handler_.script = [&](Incoming& incoming) { return say_path_after(incoming, gate); };
  const auto after_it = connect();  // in a segment of their own
  after_it->send(upgrade);
  run_until([&] { return gate.has_waiter(); });
  after_it->send(get("/hidden"));
  turn();
  gate.open();
  run_until([&] { return after_it->saw_end(); });
  EXPECT_EQ(handler_.seen, (std::vector<std::string>{"/socket", "/socket"}));
}

// Bytes of the protocol that was asked for may still be on their way.
TEST_F(ServerBodyTest, AnUpgradeThatIsNotFollowedEndsTheConnection) {
  const auto client = connect();
  client->send(upgrade);
  run_until([&] { return client->saw_end(); });
  EXPECT_TRUE(client->text().ends_with("/socket"));
  EXPECT_NE(client->text().find("Connection: close\r\n"), std::string::npos);
}

}  // namespace
}  // namespace sallyport::http::h1
