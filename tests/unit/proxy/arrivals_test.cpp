// SPDX-License-Identifier: Apache-2.0
#include "proxy/arrivals.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "support/descriptors.hpp"
#include "support/loop_test.hpp"
#include "support/peer.hpp"

namespace sallyport::proxy {
namespace {

using net::tls::Reason;
using support::Peer;

constexpr std::string_view header = "PROXY TCP4 192.0.2.1 203.0.113.9 56324 443\r\n";

class ArrivalsTest : public support::LoopTest, private Arrivals::Host {
 protected:
  void add(const Reception& reception) {
    support::Pair pair = support::tcp_pair();
    peer_ = peers_.emplace_back(std::make_unique<Peer>(loop_, std::move(pair.other))).get();
    arrivals_.add(std::move(pair.one), http::ConnectionFacts::of(*syntax::SocketAddress::parse("127.0.0.1:1234")),
                  reception);
  }
  bool is_over() {
    return run_until([&] { return arrivals_.count() == 0; });
  }

  bool renamed(const http::ConnectionFacts&, const http::ConnectionFacts&) override { return !is_full_; }
  net::tls::Library& library() override {
    if (!library_) library_.emplace(seed_);
    return *library_;
  }
  std::expected<net::tls::Choice, Reason> choose(const net::tls::ClientHello&, std::string_view&) override {
    return std::unexpected(Reason::unknown_name);
  }
  void arrived(net::Fd fd, std::unique_ptr<net::tls::Stream>, const http::ConnectionFacts& facts) override {
    arrived_ = std::move(fd);
    facts_ = facts;
  }
  void lost(const http::ConnectionFacts& facts, ProxyLoss why) override {
    facts_ = facts;
    lost_.push_back(why);
  }
  void refused(const http::ConnectionFacts&, std::string_view, const net::tls::Refusal& why) override {
    refused_.push_back(why.reason);
  }

  net::tls::TicketSeed seed_ = net::tls::TicketSeed::random();
  std::optional<net::tls::Library> library_;
  net::Ledger ledger_{1024 * 1024};
  bool is_full_ = false;
  net::Fd arrived_;
  http::ConnectionFacts facts_;
  std::vector<ProxyLoss> lost_;
  std::vector<Reason> refused_;
  Arrivals arrivals_{loop_, ledger_, *this};
  std::vector<std::unique_ptr<Peer>> peers_;
  Peer* peer_ = nullptr;  // the last of them
};

TEST_F(ArrivalsTest, AConnectionIsThatOfWhomItsHeaderNames) {
  add({.has_proxy_header = true});
  peer_->send(header);
  ASSERT_TRUE(is_over());
  EXPECT_TRUE(arrived_);
  EXPECT_EQ(facts_.client.text(), "192.0.2.1:56324");
  EXPECT_EQ(facts_.peer.text(), "127.0.0.1:1234");
  EXPECT_EQ(facts_.local.text(), "203.0.113.9:443");
  EXPECT_EQ(facts_.client_source, http::ClientSource::proxy_header);
  EXPECT_EQ(ledger_.held(), 0U);
}

TEST_F(ArrivalsTest, AClientThatIsNotNamedIsHidden) {
  add({.has_proxy_header = true});
  peer_->send("PROXY UNKNOWN\r\n");
  ASSERT_TRUE(is_over());
  EXPECT_EQ(facts_.client_source, http::ClientSource::hidden);
  EXPECT_EQ(facts_.client.text(), "127.0.0.1:1234");
}

TEST_F(ArrivalsTest, WhoBeginsOtherwiseIsClosed) {
  add({.has_proxy_header = true});
  peer_->send("GET / HTTP/1.1\r\n\r\n");
  ASSERT_TRUE(is_over());
  EXPECT_EQ(lost_, std::vector{ProxyLoss::malformed});
  EXPECT_TRUE(run_until([&] { return peer_->over(); }));
}

// It is told as the peer's, whose connection it still was.
TEST_F(ArrivalsTest, ASourceThatIsFullIsClosedAsTheOneThatWasCounted) {
  is_full_ = true;
  add({.has_proxy_header = true});
  peer_->send(header);
  ASSERT_TRUE(is_over());
  EXPECT_EQ(lost_, std::vector{ProxyLoss::overloaded});
  EXPECT_EQ(facts_.client.text(), "127.0.0.1:1234");
}

TEST_F(ArrivalsTest, HeadersHaveADeadline) {
  add({.has_proxy_header = true, .header = net::Duration(5)});
  ASSERT_TRUE(is_over());
  EXPECT_EQ(lost_, std::vector{ProxyLoss::timeout});
}

TEST_F(ArrivalsTest, AHandshakeFollowsTheHeader) {
  add({.has_proxy_header = true, .has_tls = true});
  peer_->send(std::string(header) + "this is no TLS");
  ASSERT_TRUE(is_over());
  EXPECT_TRUE(lost_.empty());
  EXPECT_EQ(refused_, std::vector{Reason::not_tls});
  EXPECT_FALSE(arrived_);
}

TEST_F(ArrivalsTest, HandshakesHaveADeadline) {
  add({.has_tls = true, .handshake = {.hello = net::Duration(5), .total = net::Duration(10)}});
  ASSERT_TRUE(is_over());
  EXPECT_EQ(refused_, std::vector{Reason::timeout});
}

TEST_F(ArrivalsTest, WhatIsNotOverWhenTheyGoIsToldAsLost) {
  add({.has_proxy_header = true});
  add({.has_tls = true});
  arrivals_.drain();
  ASSERT_TRUE(is_over());
  EXPECT_EQ(lost_, std::vector{ProxyLoss::overloaded});
  EXPECT_EQ(refused_, std::vector{Reason::overloaded});
}

TEST_F(ArrivalsTest, OnlyThoseThatAreNotNewMakeRoom) {
  add({.has_proxy_header = true});
  EXPECT_EQ(arrivals_.end_oldest(1), 0U);
  ASSERT_TRUE(run_past(loop_.now() + net::Duration(1'100)));
  add({.has_proxy_header = true});
  EXPECT_EQ(arrivals_.end_oldest(2), 1U);
  EXPECT_EQ(arrivals_.count(), 1U);
}

TEST_F(ArrivalsTest, WhoFindsNoRoomIsClosed) {
  ASSERT_TRUE(ledger_.charge(1024 * 1024));
  add({.has_proxy_header = true});
  ASSERT_TRUE(is_over());
  EXPECT_EQ(lost_, std::vector{ProxyLoss::overloaded});
}

}  // namespace
}  // namespace sallyport::proxy
