// SPDX-License-Identifier: Apache-2.0
// A client that speaks HTTP/2 from its first byte on, at a port where HTTP/1 is served as well.

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "http/h1/server.hpp"
#include "unit/http/h2/h2_server_test.hpp"

namespace sallyport::http::h2 {
namespace {

class H2HandOverTest : public H2ServerTest {
 protected:
  h1::Server& http1(bool knows_http2 = true) {
    if (http1_) return *http1_;
    http1_.emplace(loop_, handler_, settings_, ledger_);
    http1_->set_on_closed([this](const ConnectionFacts&) { ++closed_; });
    if (!knows_http2) return *http1_;
    http1_->set_http2(
        [this](net::Socket::Released connection, const ConnectionFacts& facts, std::string_view received) {
          return server().accept(std::move(connection), facts, received);
        });
    return *http1_;
  }
  std::unique_ptr<support::Peer> dial(bool knows_http2 = true) {
    support::Pair pair = support::tcp_pair();
    http1(knows_http2).accept(std::move(pair.one), ConnectionFacts::of(*syntax::SocketAddress::parse("192.0.2.1:1")));
    return std::make_unique<support::Peer>(loop_, std::move(pair.other));
  }

 private:
  std::optional<h1::Server> http1_;
};

TEST_F(H2HandOverTest, ThePrefaceChoosesTheVersion) {
  H2Client client(dial());
  client.start();
  client.headers(1, h2_get("/two"));
  ASSERT_TRUE(answered(client, 1));
  EXPECT_EQ(client.answer(1).body, "/two");
  EXPECT_EQ(http1().connections(), 0U);
  EXPECT_EQ(http1().accepted() + server().accepted(), 1U);
  EXPECT_EQ(closed_, 0) << "it goes on";
  client.peer().close();
  ASSERT_TRUE(run_until([&] { return closed_ == 1; }));
}

TEST_F(H2HandOverTest, HoweverItIsCut) {
  for (const std::size_t cut : {1U, 3U, 15U, 16U, 17U, 23U, 24U, 30U}) {
    H2Client client(dial());
    const std::string all =
        std::string(preface) + support::h2_settings() +
        h2_frame(FrameType::headers, flag_end_headers | flag_end_stream, 1, client.block(h2_get("/cut")));
    client.send(all.substr(0, cut));
    turn();
    client.send(all.substr(cut));
    ASSERT_TRUE(answered(client, 1)) << cut;
    EXPECT_EQ(client.answer(1).body, "/cut");
  }
}

TEST_F(H2HandOverTest, OthersAreServedAsEver) {
  auto client = dial();
  client->send("GET /one HTTP/1.1\r\nHost: a\r\n\r\n");
  ASSERT_TRUE(run_until([&] { return client->text().ends_with("/one"); }));
}

TEST_F(H2HandOverTest, NotBehindARequest) {
  auto client = dial();
  client->send("GET /one HTTP/1.1\r\nHost: a\r\n\r\n" + std::string(preface));
  ASSERT_TRUE(run_until([&] { return client->over(); }));
  EXPECT_NE(client->text().find("HTTP/1.1 505 "), std::string::npos);
  EXPECT_EQ(server().accepted(), 0U);
}

TEST_F(H2HandOverTest, WhatIsOfNoVersionIsAnsweredInNone) {
  auto client = dial();
  client->send("INVALID CONNECTION PREFACE\r\n\r\n");
  ASSERT_TRUE(run_until([&] { return client->over(); }));
  EXPECT_EQ(client->text(), "");
  auto other = dial();
  other->send("GET /without-a-version\r\n\r\n");
  ASSERT_TRUE(run_until([&] { return other->over(); }));
  EXPECT_TRUE(other->text().starts_with("HTTP/1.1 400 "));
  EXPECT_EQ(handler_.refusals, 2);
}

TEST_F(H2HandOverTest, WhereNobodyServesItItIsRefused) {
  auto client = dial(false);
  client->send(preface);
  ASSERT_TRUE(run_until([&] { return client->over(); }));
  EXPECT_TRUE(client->text().starts_with("HTTP/1.1 ")) << client->text();
}

TEST_F(H2HandOverTest, AClientThatEndsInThePrefaceIsLetGo) {
  auto client = dial();
  client->send(preface.substr(0, 20));
  client->finish();
  ASSERT_TRUE(run_until([&] { return closed_ == 1; }));
}

}  // namespace
}  // namespace sallyport::http::h2
