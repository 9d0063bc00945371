// SPDX-License-Identifier: Apache-2.0
#include "http/h2/frame_gate.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "support/h2_client.hpp"

namespace sallyport::http::h2 {
namespace {

using support::h2_frame;
using support::h2_reset;
using support::h2_settings;
using support::h2_window_update;

class FrameGateTest : public testing::Test, private FrameGate::Streams {
 protected:
  FrameGateTest() { EXPECT_TRUE(passes(preface)); }

  bool is_open(StreamId stream) const override { return open_.contains(stream); }

  // All of it.
  bool passes(std::string_view bytes) {
    while (!bytes.empty()) {
      const std::size_t size = gate_.pass(bytes, now_);
      if (size == 0) return false;
      bytes.remove_prefix(size);
    }
    return true;
  }
  bool opens(StreamId stream) {
    open_.insert(stream);
    const std::uint8_t flags = flag_end_headers | flag_end_stream;
    return passes(h2_frame(FrameType::headers, flags, static_cast<std::uint32_t>(stream), "x"));
  }
  bool data(StreamId stream, std::string_view bytes) {
    return passes(h2_frame(FrameType::data, 0, static_cast<std::uint32_t>(stream), bytes));
  }
  // How many of these it takes until one is refused.
  int refused_after(const std::string& frame) {
    int count = 0;
    while (count < 10'000 && passes(frame)) ++count;
    return count;
  }

  Limits limits_;
  Http2Settings settings_;
  FrameGate gate_{true, limits_, settings_, *this};
  std::set<StreamId> open_;
  net::Time now_{std::chrono::hours(1)};
};

const std::string ping = h2_frame(FrameType::ping, 0, 0, "01234567");

TEST_F(FrameGateTest, AFloodEndsAfterAHundredPointsAndSomeCredit) {
  const int pings = refused_after(ping);
  EXPECT_GE(pings, 100);
  EXPECT_LE(pings, 120);
  EXPECT_EQ(gate_.refusal().error, ErrorCode::enhance_your_calm);
  EXPECT_STREQ(gate_.refusal().rule, "H2-5");
}

TEST_F(FrameGateTest, BeforeThatNoNewStreamShallCome) {
  for (int i = 0; i < 80; ++i) EXPECT_TRUE(passes(ping));
  EXPECT_FALSE(gate_.is_rather_odd());
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(passes(ping));
  EXPECT_TRUE(gate_.is_rather_odd());
  EXPECT_FALSE(gate_.is_too_odd());
}

TEST_F(FrameGateTest, TimeForgives) {
  for (int i = 0; i < 10'000; ++i) {
    EXPECT_TRUE(passes(ping));
    now_ += net::Duration(1'000);
  }
  EXPECT_FALSE(gate_.is_rather_odd());
}

TEST_F(FrameGateTest, WhatGoesWithBodiesIsFree) {
  ASSERT_TRUE(opens(1));
  for (int i = 0; i < 10'000; ++i) {
    ASSERT_TRUE(data(1, "0123456789"));
    gate_.carried(10);
    ASSERT_TRUE(passes(h2_window_update(0, 10)));
    ASSERT_TRUE(passes(h2_window_update(1, 10)));
  }
  EXPECT_FALSE(gate_.is_rather_odd());
}

TEST_F(FrameGateTest, TinyFramesOfDataAddUp) {
  ASSERT_TRUE(opens(1));
  const int frames = refused_after(h2_frame(FrameType::data, 0, 1, "x"));
  EXPECT_EQ(frames, 10'000) << "who types";
  for (int more = 0; more < 12 && !gate_.is_too_odd(); ++more) refused_after(h2_frame(FrameType::data, 0, 1, "x"));
  EXPECT_TRUE(gate_.is_too_odd());
}

TEST_F(FrameGateTest, StreamsComeInOrder) {
  EXPECT_TRUE(opens(1));
  EXPECT_TRUE(opens(7));
  EXPECT_FALSE(passes(h2_frame(FrameType::headers, flag_end_headers, 3, "x")));
  EXPECT_EQ(gate_.refusal().error, ErrorCode::protocol_error) << "passed over";
}

TEST_F(FrameGateTest, StreamsThatAreOverStayOver) {
  EXPECT_TRUE(opens(1));
  EXPECT_TRUE(opens(3));
  open_.erase(1);
  EXPECT_TRUE(passes(h2_window_update(1, 1)));
  EXPECT_TRUE(passes(h2_reset(1, ErrorCode::cancel)));
  EXPECT_FALSE(data(1, "late"));
  EXPECT_EQ(gate_.refusal().error, ErrorCode::stream_closed);
}

TEST_F(FrameGateTest, FramesOfStreamsThatWeResetMayBeOnTheirWay) {
  EXPECT_TRUE(opens(1));
  gate_.reset_by_us(1, ErrorCode::no_error, now_);
  open_.erase(1);
  EXPECT_TRUE(data(1, "late"));
  EXPECT_TRUE(passes(h2_frame(FrameType::headers, flag_end_headers | flag_end_stream, 1, "x")));
}

TEST_F(FrameGateTest, SoMayThoseBehindTheLastOneThatIsServed) {
  EXPECT_TRUE(opens(1));
  gate_.serve_up_to(1);
  EXPECT_TRUE(passes(h2_frame(FrameType::headers, flag_end_headers, 3, "x")));
  EXPECT_TRUE(data(3, "late"));
}

// A flood of them is work like any other.
TEST_F(FrameGateTest, ButNotWithoutEnd) {
  EXPECT_TRUE(opens(1));
  gate_.reset_by_us(1, ErrorCode::no_error, now_);
  open_.erase(1);
  for (int i = 0; i < 64; ++i) ASSERT_TRUE(data(1, "")) << "a window's worth";
  bool passed = true;
  for (int i = 0; i < 1'000 && passed; ++i) passed = data(1, "");
  EXPECT_FALSE(passed);
  EXPECT_EQ(gate_.refusal().error, ErrorCode::enhance_your_calm);
}

TEST_F(FrameGateTest, ResetsCountOnceAndOnlyTheClients) {
  for (StreamId stream = 1; stream < 1'000; stream += 2) {
    ASSERT_TRUE(opens(stream));
    gate_.reset_by_us(stream, ErrorCode::internal_error, now_);
    gate_.reset_by_us(stream, ErrorCode::protocol_error, now_);
  }
  EXPECT_EQ(gate_.resets(), 0U) << "the upstream's fault, and known already";
  for (StreamId stream = 1'001; stream < 1'005; stream += 2) {
    ASSERT_TRUE(opens(stream));
    gate_.reset_by_us(stream, ErrorCode::protocol_error, now_);
    gate_.reset_by_us(stream, ErrorCode::protocol_error, now_);
  }
  EXPECT_EQ(gate_.resets(), 2U);
}

TEST_F(FrameGateTest, ResetsAreForgottenAfterAWhile) {
  for (int i = 0; i < 150; ++i) gate_.reset_by_peer(now_);
  now_ += settings_.reset_window + net::Duration(1);
  for (int i = 0; i < 150; ++i) gate_.reset_by_peer(now_);
  EXPECT_FALSE(gate_.is_rather_odd());
  for (int i = 0; i < 100; ++i) gate_.reset_by_peer(now_);
  EXPECT_TRUE(gate_.is_rather_odd());
}

TEST_F(FrameGateTest, ABlockHasADeadlineUntilItsLastByte) {
  EXPECT_EQ(gate_.block_deadline(), net::Time::max());
  const std::string frame = h2_frame(FrameType::headers, 0, 1, "abc");
  EXPECT_TRUE(passes(frame));
  EXPECT_EQ(gate_.block_deadline(), now_ + settings_.block);
  now_ += net::Duration(100);
  const std::string last = h2_frame(FrameType::continuation, flag_end_headers, 1, "def");
  EXPECT_TRUE(passes(last.substr(0, last.size() - 1)));
  EXPECT_EQ(gate_.block_deadline(), now_ - net::Duration(100) + settings_.block) << "of all of it";
  EXPECT_TRUE(passes(last.substr(last.size() - 1)));
  EXPECT_EQ(gate_.block_deadline(), net::Time::max());
}

TEST_F(FrameGateTest, AFrameEndsWhereItsHeaderSays) {
  const std::string two = h2_settings({{4, 100}}) + ping;
  EXPECT_EQ(gate_.pass(two, now_), 15U);
  EXPECT_EQ(gate_.pass(std::string_view(two).substr(15, 5), now_), 5U);
  EXPECT_EQ(gate_.pass(std::string_view(two).substr(20), now_), 12U);
}

}  // namespace
}  // namespace sallyport::http::h2
