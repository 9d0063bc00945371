// SPDX-License-Identifier: Apache-2.0
#include "net/sleep.hpp"

#include <gtest/gtest.h>

#include <string>

#include "net/task.hpp"
#include "net/yield.hpp"
#include "support/loop_test.hpp"

namespace sallyport::net {
namespace {

using SleepTest = support::LoopTest;

Task<void> slept(Loop& loop, Duration duration, bool& over) {
  co_await Sleep(loop, duration);
  over = true;
}

Task<void> say_by_turns(Loop& loop, char what, std::string& said) {
  for (int i = 0; i < 3; ++i) {
    co_await Yield(loop);
    said += what;
  }
}

TEST_F(SleepTest, GoesOnWhenTheTimeHasPassed) {
  bool over = false;
  const Time from = loop_.now();
  auto task = slept(loop_, Duration(5), over);
  task.start();
  EXPECT_FALSE(over);
  ASSERT_TRUE(run_until([&] { return over; }));
  EXPECT_GE(loop_.now() - from, Duration(5));
}

TEST_F(SleepTest, NoTimeIsNoWait) {
  bool over = false;
  auto task = slept(loop_, Duration(0), over);
  task.start();
  EXPECT_TRUE(over);
}

TEST_F(SleepTest, IsCancelledByDroppingIt) {
  bool dropped = false;
  bool over = false;
  {
    auto task = slept(loop_, Duration(1), dropped);
    task.start();
  }
  auto later = slept(loop_, Duration(5), over);
  later.start();
  ASSERT_TRUE(run_until([&] { return over; }));
  EXPECT_FALSE(dropped);
}

TEST_F(SleepTest, YieldLetsOthersHaveTheirTurn) {
  std::string said;
  auto a = say_by_turns(loop_, 'a', said);
  auto b = say_by_turns(loop_, 'b', said);
  a.start();
  b.start();
  ASSERT_TRUE(run_until([&] { return a.done() && b.done(); }));
  ASSERT_EQ(said.size(), 6U);
  for (std::size_t turn_at = 0; turn_at < said.size(); turn_at += 2) {
    EXPECT_NE(said[turn_at], said[turn_at + 1]) << said << ": each once a turn";
  }
}

TEST_F(SleepTest, AYieldThatIsDroppedIsOver) {
  std::string said;
  {
    auto task = say_by_turns(loop_, 'x', said);
    task.start();
  }
  turn();
  EXPECT_EQ(said, "");
}

}  // namespace
}  // namespace sallyport::net
