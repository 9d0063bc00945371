// SPDX-License-Identifier: Apache-2.0
// Writes to a peer that takes a little at a time, less than the kernel tells of.
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <optional>
#include <string>

#include "net/socket.hpp"
#include "net/task.hpp"
#include "support/descriptors.hpp"
#include "support/loop_test.hpp"

namespace sallyport::net {
namespace {

class SlowReaderTest : public support::LoopTest {
 protected:
  SlowReaderTest() { support::set_small_buffers(pair_.other); }

  static Task<void> write_it(Socket& socket, std::string text, Socket::Taking taking,
                             std::optional<IoResult<void>>& done) {
    done = co_await socket.write(text, std::string_view(), taking);
  }

  void start(const Socket::Taking& taking) {
    task_ = write_it(socket_, std::string(16 << 20, 'x'), taking, written_);
    task_.start();
  }

  // Takes what is there now and then. A timer, so that it has had its turn between any two of the socket's, however
  // late the loop comes to them.
  struct Taker final : Timer {
    explicit Taker(SlowReaderTest& of) : test(of) {}
    void fire() override {
      std::array<char, 4096> room;
      static_cast<void>(::recv(test.pair_.other.get(), room.data(), room.size(), MSG_DONTWAIT));
      test.loop_.timers().arm(*this, test.loop_.now() + Duration(10));
    }
    SlowReaderTest& test;
  };

  support::Pair pair_ = support::tcp_pair();
  int sending_ = pair_.one.get();
  Socket socket_{loop_, std::move(pair_.one), nullptr};
  std::optional<IoResult<void>> written_;
  Task<void> task_;
};

TEST_F(SlowReaderTest, WhoTakesALittleNowAndThenDoesNotStall) {
  start({.stall = Duration(1'000)});
  Taker taker(*this);
  taker.fire();
  run_past(Clock::now() + Duration(1'500));
  EXPECT_FALSE(written_);
}

TEST_F(SlowReaderTest, WhoTakesNothingStalls) {
  start({.stall = Duration(100)});
  run_until([&] { return written_.has_value(); });
  EXPECT_EQ(*written_, IoResult<void>(std::unexpected(IoError::timeout)));
}

TEST_F(SlowReaderTest, HoweverLittleIsMissingTheLatestTimeEndsIt) {
  start({.stall = Duration(60'000), .latest = Clock::now() + Duration(50)});
  Taker taker(*this);
  taker.fire();
  ASSERT_TRUE(run_until([&] { return written_.has_value(); }));
  EXPECT_EQ(*written_, IoResult<void>(std::unexpected(IoError::timeout)));
}

// The 16 MiB would take it 16 s at this rate: what was given to the kernel once is no excuse for that long.
TEST_F(SlowReaderTest, WhoFallsBehindTheRateIsEndedLongBeforeAllShouldBeTaken) {
  start({.stall = Duration(1'000), .rate = 1 << 20, .slack = Duration(100)});
  Taker taker(*this);
  taker.fire();
  ASSERT_TRUE(run_until([&] { return written_.has_value(); }));
  EXPECT_EQ(*written_, IoResult<void>(std::unexpected(IoError::timeout)));
}

// What it takes shows twice: in what the kernel holds at each look, and in the room that there is after some of them.
TEST_F(SlowReaderTest, WhatWasTakenCountsOnce) {
  const int room = 200 * 1024;
  const int window = 16 * 1024;  // so that every look finds something taken
  ::setsockopt(sending_, SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
  ::setsockopt(pair_.other.get(), SOL_SOCKET, SO_RCVBUF, &window, sizeof window);
  constexpr std::uint64_t most_taken = 4096 * 100;  // a second
  start({.stall = Duration(240), .rate = most_taken * 13 / 10, .slack = Duration(500)});
  Taker taker(*this);
  taker.fire();
  ASSERT_TRUE(run_until([&] { return written_.has_value(); }));
  EXPECT_EQ(*written_, IoResult<void>(std::unexpected(IoError::timeout)));
}

TEST_F(SlowReaderTest, WhoKeepsTheRateIsNotEnded) {
  start({.stall = Duration(1'000), .rate = 1'000, .slack = Duration(1'000)});
  Taker taker(*this);
  taker.fire();
  run_past(Clock::now() + Duration(1'500));
  EXPECT_FALSE(written_);
}

}  // namespace
}  // namespace sallyport::net
