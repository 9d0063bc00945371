// SPDX-License-Identifier: Apache-2.0
#include "http/websocket.hpp"

#include <gtest/gtest.h>

#include <string>

namespace sallyport::http {
namespace {

using syntax::HeaderId;

class WebSocketTest : public testing::Test {
 protected:
  // As HTTP/2 brings it.
  void connect() {
    request_.method = Method::connect;
    request_.method_text = "CONNECT";
    ASSERT_TRUE(request_.fields.add("sec-websocket-version", "13"));
    ASSERT_TRUE(request_.fields.add("sec-websocket-protocol", "chat, superchat"));
    ASSERT_TRUE(request_.fields.add("sec-websocket-extensions", "permessage-deflate"));
  }
  std::string_view value(HeaderId id) const { return response_.fields.value(id); }

  Arena arena_;
  RequestHead request_{arena_};
  ResponseHead response_{arena_};
};

TEST_F(WebSocketTest, TheAnswerToAKeyIsThatOfTheRfc) {
  EXPECT_EQ(websocket_accept("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

// RFC 8441 5: towards the model.
TEST_F(WebSocketTest, AnExtendedConnectIsAGetWithAKey) {
  connect();
  ASSERT_TRUE(from_extended_connect(request_, arena_));
  EXPECT_EQ(request_.method, Method::get);
  EXPECT_EQ(request_.method_text, "GET");
  EXPECT_EQ(request_.upgrade, "websocket");
  EXPECT_EQ(request_.framing, Framing());
  EXPECT_EQ(request_.fields.value(HeaderId::sec_websocket_key).size(), 24U);
  EXPECT_EQ(request_.fields.value(HeaderId::sec_websocket_protocol), "chat, superchat");
  EXPECT_EQ(request_.fields.value(HeaderId::sec_websocket_extensions), "permessage-deflate");
}

TEST_F(WebSocketTest, EveryKeyIsAnother) {
  connect();
  RequestHead other(arena_);
  ASSERT_TRUE(from_extended_connect(request_, arena_));
  ASSERT_TRUE(from_extended_connect(other, arena_));
  EXPECT_NE(request_.fields.value(HeaderId::sec_websocket_key), other.fields.value(HeaderId::sec_websocket_key));
}

TEST_F(WebSocketTest, AKeyThatCameOverHttp2IsNotBelieved) {
  connect();
  ASSERT_TRUE(request_.fields.add(HeaderId::sec_websocket_key, "dGhlIHNhbXBsZSBub25jZQ=="));
  ASSERT_TRUE(from_extended_connect(request_, arena_));
  EXPECT_NE(request_.fields.value(HeaderId::sec_websocket_key), "dGhlIHNhbXBsZSBub25jZQ==");
  int keys = 0;
  for (const Field& field : request_.fields) keys += field.id == HeaderId::sec_websocket_key ? 1 : 0;
  EXPECT_EQ(keys, 1);
}

TEST_F(WebSocketTest, A101IsA200ToHttp2) {
  response_.status = 101;
  response_.upgrade = "websocket";
  ASSERT_TRUE(response_.fields.add(HeaderId::sec_websocket_accept, "x"));
  ASSERT_TRUE(response_.fields.add(HeaderId::sec_websocket_protocol, "chat"));
  to_extended_connect_answer(response_);
  EXPECT_EQ(response_.status, 200);
  EXPECT_TRUE(response_.upgrade.empty());
  EXPECT_EQ(response_.fields.find(HeaderId::sec_websocket_accept), nullptr);
  EXPECT_EQ(value(HeaderId::sec_websocket_protocol), "chat");
}

// From the upstream towards the model, for a client of either version.
TEST_F(WebSocketTest, A200OfAnHttp2UpstreamIsTheRight101) {
  request_.upgrade = "websocket";
  ASSERT_TRUE(request_.fields.add(HeaderId::sec_websocket_key, "dGhlIHNhbXBsZSBub25jZQ=="));
  ASSERT_TRUE(response_.fields.add(HeaderId::sec_websocket_accept, "what it says is not HTTP/2's"));
  response_.framing.kind = Framing::Kind::chunked;
  ASSERT_TRUE(from_extended_connect_answer(request_, response_, arena_));
  EXPECT_EQ(response_.status, 101);
  EXPECT_EQ(response_.framing, Framing());
  EXPECT_EQ(value(HeaderId::sec_websocket_accept), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  EXPECT_TRUE(accepts_upgrade(request_, response_));
}

TEST_F(WebSocketTest, OtherAnswersStayAsTheyAre) {
  request_.upgrade = "websocket";
  for (const int status : {103, 302, 403, 404, 503}) {
    response_.status = static_cast<std::uint16_t>(status);
    ASSERT_TRUE(from_extended_connect_answer(request_, response_, arena_));
    EXPECT_EQ(response_.status, status);
    EXPECT_TRUE(response_.upgrade.empty());
  }
  request_.upgrade = {};
  response_.status = 200;
  ASSERT_TRUE(from_extended_connect_answer(request_, response_, arena_));
  EXPECT_EQ(response_.status, 200);
}

TEST_F(WebSocketTest, WithoutMemoryThereIsNone) {
  Arena none(0);
  RequestHead request(none);
  EXPECT_FALSE(from_extended_connect(request, none));
  request_.upgrade = "websocket";
  EXPECT_FALSE(from_extended_connect_answer(request_, response_, none));
}

}  // namespace
}  // namespace sallyport::http
