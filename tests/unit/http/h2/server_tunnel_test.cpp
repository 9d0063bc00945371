// SPDX-License-Identifier: Apache-2.0
// WebSocket over a stream of HTTP/2 (RFC 8441; reference: reliability-security.md W-1).

#include <string>

#include "base/text.hpp"
#include "http/websocket.hpp"
#include "unit/http/h2/h2_server_test.hpp"

namespace sallyport::http::h2 {
namespace {

using syntax::HeaderId;

// Sends back what it gets, until the end, which it passes on; "drop" ends it without a word, "bye" our half alone.
class Echo final : public Tunnel {
 public:
  net::Task<void> run(ByteStream& client, TunnelTotals& totals) override {
    for (;;) {
      const net::IoResult<std::string_view> piece = co_await client.read(net::Time::max());
      if (!piece || *piece == "drop") co_return;
      if (piece->empty()) break;
      if (*piece == "bye") {
        client.shutdown_write();
        continue;
      }
      totals.from_client += piece->size();
      const net::IoResult<void> written = co_await client.write(*piece, net::Duration(10'000));
      if (!written) co_return;
      totals.to_client += piece->size();
    }
    client.shutdown_write();
  }
};

HeaderList connect_to(std::string path) {
  return {{":method", "CONNECT"}, {":protocol", "websocket"},
          {":scheme", "http"},    {":path", path},
          {":authority", "a"},    {"sec-websocket-version", "13"},
          {"origin", "http://a"}, {"sec-websocket-protocol", "chat"}};
}

class H2TunnelTest : public H2ServerTest {
 protected:
  H2TunnelTest() {
    handler_.script = [this](Incoming& incoming) { return switches(*this, incoming); };
  }

  static net::Task<Result<Response>> switches(H2TunnelTest& test, Incoming& incoming) {
    const RequestHead& request = incoming.request.head;
    test.method_ = request.method_text;
    test.upgrade_ = request.upgrade;
    test.key_ = request.fields.value(HeaderId::sec_websocket_key);
    test.has_body_ = incoming.request.body != nullptr;
    Response response(incoming.arena);
    response.head.status = 101;
    response.head.reason = "Switching Protocols";
    response.head.upgrade = request.upgrade;
    const std::string_view accept = incoming.arena.copy(websocket_accept(test.key_));
    EXPECT_TRUE(response.head.fields.add(HeaderId::sec_websocket_accept, accept));
    EXPECT_TRUE(response.head.fields.add(HeaderId::sec_websocket_protocol, "chat"));
    response.tunnel.reset(incoming.arena.make<Echo>());
    co_return response;
  }

  static net::Task<Result<Response>> refuses(Incoming&) { co_return fail(Code::no_path); }

  std::unique_ptr<H2Client> open() {
    auto client = start();
    client->headers(1, connect_to("/ws"), false);
    EXPECT_TRUE(run_until([&] { return !client->answer(1).head.empty(); }));
    return client;
  }

  std::string method_;
  std::string upgrade_;
  std::string key_;
  bool has_body_ = true;
};

TEST_F(H2TunnelTest, TheHandlerSeesTheRequestOfTheModel) {
  const auto client = open();
  EXPECT_EQ(method_, "GET");
  EXPECT_EQ(upgrade_, "websocket");
  EXPECT_EQ(key_.size(), 24U);
  EXPECT_FALSE(has_body_);
}

TEST_F(H2TunnelTest, TheClientSeesA200WithoutWhatIsHttp1s) {
  const auto client = open();
  EXPECT_EQ(client->answer(1).status(), "200");
  EXPECT_EQ(client->answer(1).value("sec-websocket-accept"), "");
  EXPECT_EQ(client->answer(1).value("sec-websocket-protocol"), "chat");
  EXPECT_EQ(client->answer(1).value("content-length"), "");
}

TEST_F(H2TunnelTest, BytesPassBothWaysAndSoDoesTheEnd) {
  const auto client = open();
  client->data(1, "one ");
  ASSERT_TRUE(run_until([&] { return client->answer(1).body == "one "; }));
  client->data(1, "two", true);
  ASSERT_TRUE(answered(*client, 1));
  EXPECT_EQ(client->answer(1).body, "one two");
  EXPECT_TRUE(client->answer(1).ended);
  ASSERT_TRUE(run_until([&] { return !handler_.outcomes.empty(); }));
  EXPECT_EQ(handler_.outcomes[0].status, 200);
  EXPECT_EQ(handler_.outcomes[0].error, std::nullopt);
  EXPECT_EQ(handler_.outcomes[0].received, 7U);
  EXPECT_EQ(handler_.outcomes[0].sent, 7U);
}

TEST_F(H2TunnelTest, WhatComesBeforeTheAnswerIsNotLost) {
  const auto client = start();
  client->headers(1, connect_to("/ws"), false);
  client->data(1, "early", true);
  ASSERT_TRUE(answered(*client, 1));
  EXPECT_EQ(client->answer(1).body, "early");
}

TEST_F(H2TunnelTest, MoreThanAWindowPassesBothWays) {
  const auto client = open();
  const std::string piece(16'384, 'p');
  std::string all;
  for (int i = 0; i < 20; ++i) {
    client->data(1, piece);
    all += piece;
    client->send(h2_window_update(0, 16'384) + h2_window_update(1, 16'384));
    ASSERT_TRUE(run_until([&] { return client->answer(1).body.size() == all.size() || client->over(); })) << i;
  }
  EXPECT_EQ(client->answer(1).body, all);
}

TEST_F(H2TunnelTest, AClientThatResetsEndsIt) {
  const auto client = open();
  client->send(h2_reset(1, ErrorCode::cancel));
  ASSERT_TRUE(run_until([&] { return !handler_.outcomes.empty(); }));
  EXPECT_EQ(handler_.outcomes[0].error, Code::client_gone);
}

TEST_F(H2TunnelTest, AResetBehindOurEndEndsItToo) {
  const auto client = open();
  client->data(1, "bye");
  ASSERT_TRUE(run_until([&] { return client->answer(1).ended; }));
  EXPECT_TRUE(handler_.outcomes.empty());
  client->send(h2_reset(1, ErrorCode::no_error));
  ASSERT_TRUE(run_until([&] { return !handler_.outcomes.empty(); }));
}

TEST_F(H2TunnelTest, ATunnelThatBreaksOffIsAReset) {
  const auto client = open();
  client->data(1, "drop");
  expect_reset(*client, 1, ErrorCode::cancel);
  ASSERT_TRUE(run_until([&] { return !handler_.outcomes.empty(); }));
  EXPECT_EQ(handler_.outcomes[0].status, 200);
}

// A tunnel has an idle deadline of its own.
// However often: that is not the client's doing.
TEST_F(H2TunnelTest, TunnelsThatBreakOffAreNoOddity) {
  const auto client = start();
  for (std::uint32_t stream = 1; stream < 800; stream += 2) {
    client->headers(stream, connect_to("/ws"), false);
    client->data(stream, "drop");
    expect_reset(*client, stream, ErrorCode::cancel);
  }
  EXPECT_TRUE(client->goaways().empty());
}

TEST_F(H2TunnelTest, ItMayBeSilentForLongerThanABody) {
  settings_.body.grace = net::Duration(20);
  settings_.write_stall = net::Duration(20);
  const auto client = open();
  run_past(loop_.now() + net::Duration(100));
  EXPECT_TRUE(handler_.outcomes.empty());
  client->data(1, "late", true);
  ASSERT_TRUE(answered(*client, 1));
  EXPECT_EQ(client->answer(1).body, "late");
}

TEST_F(H2TunnelTest, ARefusalIsAnAnswerLikeAnyOther) {
  handler_.script = refuses;
  const auto client = start();
  client->headers(1, connect_to("/ws"), false);
  ASSERT_TRUE(answered(*client, 1));
  EXPECT_EQ(client->answer(1).status(), "404");
  ASSERT_TRUE(run_until([&] { return !handler_.outcomes.empty(); }));
  EXPECT_EQ(handler_.outcomes[0].status, 404);
}

// The client would take it for the tunnel (RFC 8441 5).
TEST_F(H2TunnelTest, ASuccessWithoutASwitchIsNotPassedOn) {
  handler_.script = support::say_path;
  const auto client = start();
  client->headers(1, connect_to("/ws"), false);
  ASSERT_TRUE(answered(*client, 1));
  EXPECT_EQ(client->answer(1).status(), "502");
  ASSERT_TRUE(run_until([&] { return !handler_.outcomes.empty(); }));
  EXPECT_EQ(handler_.outcomes[0].error, Code::upstream_malformed);
  EXPECT_STREQ(handler_.outcomes[0].rule, "W-1");
}

TEST_F(H2TunnelTest, OtherStreamsGoOnBesideIt) {
  const auto client = open();
  handler_.script = support::say_path;
  client->headers(3, h2_get("/other"));
  ASSERT_TRUE(answered(*client, 3));
  EXPECT_EQ(client->answer(3).body, "/other");
  client->data(1, "still", true);
  ASSERT_TRUE(answered(*client, 1));
  EXPECT_EQ(client->answer(1).body, "still");
}

}  // namespace
}  // namespace sallyport::http::h2
