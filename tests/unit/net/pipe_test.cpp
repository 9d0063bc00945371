// SPDX-License-Identifier: Apache-2.0
#include "net/pipe.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <string>
#include <vector>

#include "net/socket.hpp"
#include "support/descriptors.hpp"
#include "support/loop_test.hpp"

namespace sallyport::net {
namespace {

class PipeTest : public support::LoopTest {
 protected:
  support::Pair pair_ = support::tcp_pair();
  Ledger ledger_{64 * Pipe::most};
  Socket socket_{loop_, std::move(pair_.one), nullptr};
};

TEST_F(PipeTest, IsChargedWhileSomebodyHasIt) {
  {
    const Pipe pipe = loop_.pipes().take(ledger_);
    ASSERT_TRUE(pipe);
    EXPECT_EQ(ledger_.held(), Pipe::most);
  }
  EXPECT_EQ(ledger_.held(), 0U);
}

TEST_F(PipeTest, ThereIsNoneWithoutRoomInTheLedger) {
  Ledger poor(Pipe::most - 1);
  EXPECT_FALSE(loop_.pipes().take(poor));
  EXPECT_EQ(poor.held(), 0U);
}

TEST_F(PipeTest, SlowReadersCannotHaveAllDescriptors) {
  std::vector<Pipe> pipes;
  while (pipes.size() < 64) {
    Pipe pipe = loop_.pipes().take(ledger_);
    if (!pipe) break;
    pipes.push_back(std::move(pipe));
  }
  EXPECT_EQ(pipes.size(), 16U);
  EXPECT_EQ(ledger_.held(), 16 * Pipe::most);
  pipes.pop_back();
  EXPECT_TRUE(loop_.pipes().take(ledger_));
}

TEST_F(PipeTest, WhatIsLeftInOneIsNeverSentToAnother) {
  ASSERT_EQ(::send(pair_.other.get(), "secret", 6, 0), 6);
  turn(2);
  {
    Pipe pipe = loop_.pipes().take(ledger_);
    EXPECT_EQ(socket_.read_now(pipe, 100), 6U);
    EXPECT_EQ(pipe.held(), 6U);
  }
  ASSERT_EQ(::send(pair_.other.get(), "open", 4, 0), 4);
  turn(2);
  Pipe pipe = loop_.pipes().take(ledger_);
  EXPECT_EQ(socket_.read_now(pipe, 100), 4U);
  EXPECT_EQ(pipe.held(), 4U);
  EXPECT_FALSE(socket_.read_now(pipe, 100));
}

TEST_F(PipeTest, NoMoreIsTakenThanWasAskedFor) {
  ASSERT_EQ(::send(pair_.other.get(), "bodynext", 8, 0), 8);
  turn(2);
  {
    Pipe pipe = loop_.pipes().take(ledger_);
    EXPECT_EQ(socket_.read_now(pipe, 4), 4U);
  }
  std::array<char, 16> room;
  EXPECT_EQ(socket_.read_now(room), 4U);
  EXPECT_EQ(std::string(room.data(), 4), "next");
}

}  // namespace
}  // namespace sallyport::net
