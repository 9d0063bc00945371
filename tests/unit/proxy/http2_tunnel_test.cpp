// SPDX-License-Identifier: Apache-2.0
// WebSockets to upstreams of HTTP/2: a stream each (RFC 8441; reference: reliability-security.md W-1).

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>

#include "http/socket_stream.hpp"
#include "unit/proxy/h2_origin.hpp"
#include "unit/proxy/upstream_test.hpp"

namespace sallyport::proxy {
namespace {

using http::h2::ErrorCode;
using support::H2Client;
using support::HeaderList;
using syntax::HeaderId;

constexpr std::uint16_t enable_connect_protocol = 8;
constexpr std::uint16_t initial_window_size = 4;
constexpr std::string_view key = "dGhlIHNhbXBsZSBub25jZQ==";

class Http2TunnelTest : public UpstreamTest {
 protected:
  Http2TunnelTest() : Http2TunnelTest(support::tcp_pair()) {}
  ~Http2TunnelTest() override {
    task_.reset();
    if (call_) call_->drop();
  }

  // Asks for a WebSocket; the client has not said anything yet.
  void ask(H2Origin& origin) {
    call_ = get();
    call_->request.head.upgrade = "websocket";
    ASSERT_TRUE(call_->request.head.fields.add(HeaderId::sec_websocket_key, key));
    ASSERT_TRUE(call_->request.head.fields.add("Sec-WebSocket-Protocol", "chat"));
    call_->start(http2_pool({active(origin.address())}));
  }
  void open(H2Origin& origin) {
    ask(origin);
    ASSERT_TRUE(run_until([&] { return origin.asked(0, 1); }));
    origin.connection(0).headers(1, {{":status", "200"}, {"sec-websocket-protocol", "chat"}}, false);
    ASSERT_TRUE(run_until([&] { return call_->answered(); }));
    ASSERT_TRUE(*call_->result && (*call_->result)->tunnel);
    task_ = run(*this);
    task_.start();
  }
  static net::Task<void> run(Http2TunnelTest& test) {
    http::SocketStream client(test.inner_client_, test.ledger_, {});
    co_await (*test.call_->result)->tunnel->run(client, test.totals_);
    test.call_->drop();
    test.over_ = true;
  }

  std::unique_ptr<Call> call_;
  http::TunnelTotals totals_;
  net::Socket inner_client_;
  support::Peer client_;
  bool over_ = false;
  net::Task<void> task_;

 private:
  explicit Http2TunnelTest(support::Pair pair)
      : inner_client_(loop_, std::move(pair.one), nullptr), client_(loop_, std::move(pair.other)) {}
};

TEST_F(Http2TunnelTest, TheRequestIsAnExtendedConnectWithoutWhatIsHttp1s) {
  H2Origin origin(loop_, {{enable_connect_protocol, 1}});
  open(origin);
  const HeaderList expected = {{":method", "CONNECT"}, {":protocol", "websocket"},
                               {":scheme", "http"},    {":authority", "a"},
                               {":path", "/"},         {"sec-websocket-protocol", "chat"}};
  EXPECT_EQ(origin.connection(0).answer(1).head, expected);
  EXPECT_FALSE(origin.connection(0).answer(1).ended);
}

TEST_F(Http2TunnelTest, TheAnswerIsThe101ThatTheKeyAsksFor) {
  H2Origin origin(loop_, {{enable_connect_protocol, 1}});
  open(origin);
  const http::ResponseHead& head = (*call_->result)->head;
  EXPECT_EQ(head.status, 101);
  EXPECT_EQ(head.fields.value(HeaderId::sec_websocket_accept), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  EXPECT_EQ(head.fields.value(HeaderId::sec_websocket_protocol), "chat");
}

TEST_F(Http2TunnelTest, BytesPassBothWaysAndSoDoTheEnds) {
  H2Origin origin(loop_, {{enable_connect_protocol, 1}});
  open(origin);
  H2Client& upstream = origin.connection(0);
  client_.send("from the client");
  ASSERT_TRUE(run_until([&] { return upstream.answer(1).body == "from the client"; }));
  upstream.data(1, "from the upstream");
  ASSERT_TRUE(run_until([&] { return client_.text() == "from the upstream"; }));
  client_.finish();
  ASSERT_TRUE(run_until([&] { return upstream.answer(1).ended; }));
  EXPECT_FALSE(over_);
  upstream.data(1, ", to the end", true);
  ASSERT_TRUE(run_until([&] { return over_ && client_.saw_end(); }));
  EXPECT_EQ(client_.text(), "from the upstream, to the end");
  EXPECT_EQ(totals_.from_client, 15U);
  EXPECT_EQ(totals_.to_client, client_.text().size());
}

// A reset would count as an oddity of ours.
TEST_F(Http2TunnelTest, ATunnelThatEndedInOrderIsNotReset) {
  H2Origin origin(loop_, {{enable_connect_protocol, 1}});
  open(origin);
  H2Client& upstream = origin.connection(0);
  upstream.data(1, "bye", true);
  ASSERT_TRUE(run_until([&] { return client_.saw_end(); }));
  client_.finish();
  ASSERT_TRUE(run_until([&] { return over_ && upstream.answer(1).over(); }));
  EXPECT_TRUE(upstream.answer(1).ended);
  EXPECT_EQ(upstream.answer(1).reset, std::nullopt);
}

// The end has to wait for a window, and would have the stream wait for ever.
TEST_F(Http2TunnelTest, ButOneWhoseEndCannotBeSentIs) {
  H2Origin origin(loop_, {{enable_connect_protocol, 1}, {initial_window_size, 3}});
  open(origin);
  H2Client& upstream = origin.connection(0);
  client_.send("abc");
  ASSERT_TRUE(run_until([&] { return upstream.answer(1).body == "abc"; }));
  upstream.data(1, "bye", true);
  ASSERT_TRUE(run_until([&] { return client_.saw_end(); }));
  client_.finish();
  ASSERT_TRUE(run_until([&] { return over_ && upstream.answer(1).over(); }));
  EXPECT_EQ(upstream.answer(1).reset, ErrorCode::no_error);
}

TEST_F(Http2TunnelTest, AnUpstreamThatResetsEndsIt) {
  H2Origin origin(loop_, {{enable_connect_protocol, 1}});
  open(origin);
  origin.connection(0).send(support::h2_reset(1, ErrorCode::cancel));
  ASSERT_TRUE(run_until([&] { return over_; }));
}

TEST_F(Http2TunnelTest, AClientThatIsGoneResetsTheStreamAlone) {
  H2Origin origin(loop_, {{enable_connect_protocol, 1}});
  open(origin);
  client_.reset();
  ASSERT_TRUE(run_until([&] { return over_; }));
  call_->drop();
  ASSERT_TRUE(run_until([&] { return origin.connection(0).answer(1).over(); }));
  EXPECT_EQ(origin.connection(0).answer(1).reset, ErrorCode::cancel);
  EXPECT_FALSE(origin.connection(0).over());
}

TEST_F(Http2TunnelTest, ItMayBeSilentForLongerThanABody) {
  settings_.body.grace = net::Duration(20);
  H2Origin origin(loop_, {{enable_connect_protocol, 1}});
  open(origin);
  run_past(loop_.now() + net::Duration(100));
  EXPECT_FALSE(over_);
  origin.connection(0).data(1, "late");
  ASSERT_TRUE(run_until([&] { return client_.text() == "late"; }));
}

TEST_F(Http2TunnelTest, ARefusalIsAnAnswerLikeAnyOther) {
  H2Origin origin(loop_, {{enable_connect_protocol, 1}});
  ask(origin);
  ASSERT_TRUE(run_until([&] { return origin.asked(0, 1); }));
  origin.connection(0).headers(1, {{":status", "403"}}, true);
  ASSERT_TRUE(run_until([&] { return call_->answered(); }));
  EXPECT_EQ(call_->status(), 403);
  EXPECT_EQ((*call_->result)->tunnel, nullptr);
}

TEST_F(Http2TunnelTest, AnUpstreamThatTakesNoneIsNotAsked) {
  H2Origin origin(loop_);
  ask(origin);
  ASSERT_TRUE(run_until([&] { return call_->answered(); }));
  ASSERT_TRUE(call_->error());
  EXPECT_EQ(call_->error()->code, Code::upstream_no_websocket);
  turn();
  EXPECT_FALSE(origin.asked(0, 1));
}

}  // namespace
}  // namespace sallyport::proxy
