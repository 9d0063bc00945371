// SPDX-License-Identifier: Apache-2.0
#include "proxy/tunnel.hpp"

#include <gtest/gtest.h>

#include "http/socket_stream.hpp"
#include "support/descriptors.hpp"
#include "support/gate.hpp"
#include "support/loop_test.hpp"
#include "support/peer.hpp"

namespace sallyport::proxy {
namespace {

// Nothing comes from it but deadlines.
struct LateReader final : http::ByteStream {
  net::Task<net::IoResult<std::string_view>> read(net::Time) override {
    ++reads;
    co_await deadline.opened();
    co_return std::unexpected(net::IoError::timeout);
  }
  net::Task<net::IoResult<void>> write(std::string_view, net::Duration) override { co_return net::IoResult<void>(); }
  void shutdown_write() override {}
  void interrupt() override {}

  support::Gate deadline;
  int reads = 0;
};

// Both sides are played by the test.
class TunnelTest : public support::LoopTest {
 protected:
  TunnelTest() : TunnelTest(support::tcp_pair(), support::tcp_pair()) {}
  ~TunnelTest() override {
    task_.reset();
    EXPECT_EQ(ledger_.held(), 0U);
  }

  static net::Task<void> relay_it(TunnelTest& test, std::string_view from_client, std::string_view from_upstream) {
    http::SocketStream client(test.inner_client_, test.ledger_, from_client);
    http::SocketStream upstream(test.inner_upstream_, test.ledger_, from_upstream);
    TunnelRelay relay(test.loop_, client, upstream, test.totals_, test.patience_);
    co_await relay.run();
    test.over_ = true;
  }

  void start(std::string_view from_client = {}, std::string_view from_upstream = {}) {
    task_ = relay_it(*this, from_client, from_upstream);
    task_.start();
  }

  net::Ledger ledger_{1 << 20};
  http::TunnelTotals totals_;
  TunnelRelay::Patience patience_;
  net::Socket inner_client_;
  net::Socket inner_upstream_;
  support::Peer client_;
  support::Peer upstream_;
  bool over_ = false;
  net::Task<void> task_;

 private:
  TunnelTest(support::Pair of_client, support::Pair of_upstream)
      : inner_client_(loop_, std::move(of_client.one), nullptr),
        inner_upstream_(loop_, std::move(of_upstream.one), nullptr),
        client_(loop_, std::move(of_client.other)),
        upstream_(loop_, std::move(of_upstream.other)) {}
};

TEST_F(TunnelTest, WhatEachSideHasSentAlreadyGoesFirst) {
  start("early", "hello");
  client_.send(" bird");
  upstream_.send(" world");
  ASSERT_TRUE(run_until([&] { return upstream_.text() == "early bird" && client_.text() == "hello world"; }));
  EXPECT_EQ(totals_.from_client, 10U);
  EXPECT_EQ(totals_.to_client, 11U);
}

TEST_F(TunnelTest, TheClientsEndIsPassedOnAndTheOtherDirectionGoesOn) {
  start();
  client_.send("bye");
  client_.finish();
  ASSERT_TRUE(run_until([&] { return upstream_.saw_end(); }));
  EXPECT_EQ(upstream_.text(), "bye");
  EXPECT_FALSE(over_);
  upstream_.send("more");
  ASSERT_TRUE(run_until([&] { return client_.text() == "more"; }));
  upstream_.finish();
  ASSERT_TRUE(run_until([&] { return over_ && client_.saw_end(); }));
}

TEST_F(TunnelTest, TheUpstreamsEndIsPassedOnAndTheOtherDirectionGoesOn) {
  start();
  upstream_.send("bye");
  upstream_.finish();
  ASSERT_TRUE(run_until([&] { return client_.saw_end(); }));
  EXPECT_EQ(client_.text(), "bye");
  EXPECT_FALSE(over_);
  client_.send("more");
  ASSERT_TRUE(run_until([&] { return upstream_.text() == "more"; }));
  client_.finish();
  ASSERT_TRUE(run_until([&] { return over_ && upstream_.saw_end(); }));
}

TEST_F(TunnelTest, AClientThatResetsEndsIt) {
  start();
  client_.send("x");
  ASSERT_TRUE(run_until([&] { return upstream_.text() == "x"; }));
  client_.reset();
  ASSERT_TRUE(run_until([&] { return over_; }));
}

TEST_F(TunnelTest, AnUpstreamThatResetsEndsIt) {
  start();
  upstream_.send("x");
  ASSERT_TRUE(run_until([&] { return client_.text() == "x"; }));
  upstream_.reset();
  ASSERT_TRUE(run_until([&] { return over_; }));
}

TEST_F(TunnelTest, AResetAfterTheOtherSidesEndEndsIt) {
  start();
  client_.finish();
  ASSERT_TRUE(run_until([&] { return upstream_.saw_end(); }));
  upstream_.reset();
  ASSERT_TRUE(run_until([&] { return over_; }));
}

TEST_F(TunnelTest, MuchFlowsBothWaysAtOnce) {
  start();
  const std::string much(3 << 20, 'm');
  client_.send(much);
  upstream_.send(much);
  ASSERT_TRUE(
      run_until([&] { return client_.text().size() == much.size() && upstream_.text().size() == much.size(); }));
  EXPECT_EQ(totals_.from_client, much.size());
  EXPECT_EQ(totals_.to_client, much.size());
}

// What the receiver does not take is not read either.
TEST_F(TunnelTest, ASideThatDoesNotReadHoldsTheOtherBack) {
  start();
  upstream_.hold();
  const std::string much(64 << 20, 'm');
  client_.send(much);
  turn(50);
  EXPECT_FALSE(client_.sent_all());
  EXPECT_LE(ledger_.held(), 2 * net::BufferPool::small);
  client_.reset();
}

TEST_F(TunnelTest, HoldsNoBufferWhileNothingComes) {
  start("early");
  client_.send("x");
  ASSERT_TRUE(run_until([&] { return upstream_.text() == "earlyx"; }));
  turn();
  EXPECT_EQ(ledger_.held(), 0U);
  EXPECT_FALSE(over_);
}

TEST_F(TunnelTest, SilenceInBothDirectionsEndsIt) {
  patience_.idle = net::Duration(30);
  start();
  ASSERT_TRUE(run_until([&] { return over_; }));
}

// The deadline of its read came, and was that of a byte before the last one.
TEST_F(TunnelTest, BytesOfOneDirectionKeepTheOtherAlive) {
  LateReader client;
  http::SocketStream upstream(inner_upstream_, ledger_, {});
  TunnelRelay relay(loop_, client, upstream, totals_, patience_);
  net::Task<void> task = relay.run();
  task.start();
  ASSERT_EQ(client.reads, 1);
  client.deadline.pass();
  EXPECT_EQ(client.reads, 2);
  EXPECT_FALSE(task.done());
}

TEST_F(TunnelTest, WithoutABufferItEnds) {
  ASSERT_TRUE(ledger_.charge(1 << 20));
  start();
  client_.send("x");
  EXPECT_TRUE(run_until([&] { return over_; }));
  ledger_.release(1 << 20);
}

}  // namespace
}  // namespace sallyport::proxy
