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
#include "support/pki.hpp"
#include "support/tls_peer.hpp"

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
  Handshakes& handshakes() override { return handshakes_; }
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
  std::vector<syntax::Cidr> exempt_;
  Handshakes handshakes_{2, 1, exempt_};
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

// And is told by what it was to begin with.
TEST_F(ArrivalsTest, WhoFindsNoRoomIsClosed) {
  ASSERT_TRUE(ledger_.charge(1024 * 1024));
  add({.has_proxy_header = true, .has_tls = true});
  ASSERT_TRUE(is_over());
  EXPECT_EQ(lost_, std::vector{ProxyLoss::overloaded});
  EXPECT_TRUE(refused_.empty());
  add({.has_tls = true});
  ASSERT_TRUE(is_over());
  EXPECT_EQ(lost_.size(), 1U);
  EXPECT_EQ(refused_, std::vector{Reason::overloaded});
}

TEST_F(ArrivalsTest, ADrainThatIsUndoneEndsNobody) {
  add({.has_tls = true, .handshake = {.hello = net::Duration(1'200), .total = net::Duration(1'200)}});
  arrivals_.drain();
  arrivals_.undo_drain();
  ASSERT_TRUE(is_over());
  EXPECT_EQ(refused_, std::vector{Reason::timeout}) << "by its own deadline, which is later";
}

// What is held by the first bytes of a ClientHello is the worker's to know.
TEST_F(ArrivalsTest, T10BytesOfAClientHelloAreCharged) {
  const std::string part = std::string("\x16\x03\x01\x40\x00\x01\x00\x3f\xfc", 9) + std::string(10'000, 'x');
  add({.has_tls = true});
  peer_->send(part);
  EXPECT_TRUE(run_until([&] { return ledger_.held() > part.size(); }));
  peer_->close();
  ASSERT_TRUE(is_over());
  EXPECT_EQ(ledger_.held(), 0U);
}

class StalledHandshakesTest : public ArrivalsTest {
 protected:
  // A client that says all of its ClientHello, and nothing more.
  void add_stalled() {
    add({.has_tls = true});
    support::Pair inner = support::tcp_pair();
    Peer reader(loop_, std::move(inner.one));
    support::TlsPeer client(loop_, std::move(inner.other), {});
    client.send("");
    run_until([&] { return reader.text().size() > 100; });
    peer_->send(reader.text());
  }
  std::expected<net::tls::Choice, Reason> choose(const net::tls::ClientHello&, std::string_view&) override {
    ++chosen_;
    auto context = net::tls::ServerContext::make(library(), {});
    auto credentials = net::tls::Credentials::make(library(), issued_.certificate, issued_.key);
    return net::tls::Choice{.context = *context, .credentials = *credentials};
  }

  support::Authority authority_{"test"};
  support::Issued issued_ = authority_.issue({});
  int chosen_ = 0;
};

TEST_F(StalledHandshakesTest, T10OfOneSourceTheOldestMakesRoom) {
  add_stalled();
  ASSERT_TRUE(run_until([&] { return chosen_ == 1; }));
  add_stalled();
  ASSERT_TRUE(run_until([&] { return !refused_.empty(); }));
  EXPECT_EQ(chosen_, 1) << "the first is new, so the second is refused";
  EXPECT_EQ(arrivals_.count(), 1U);
  ASSERT_TRUE(run_past(loop_.now() + net::Duration(1'000)));
  add_stalled();
  ASSERT_TRUE(run_until([&] { return chosen_ == 2; }));
  EXPECT_EQ(refused_, (std::vector{Reason::overloaded, Reason::overloaded}));
  EXPECT_EQ(handshakes_.count(), 1U);
  EXPECT_TRUE(run_until([&] { return peers_.front()->over(); }));
}

}  // namespace
}  // namespace sallyport::proxy
