// SPDX-License-Identifier: Apache-2.0
#include "net/waiters.hpp"

#include <gtest/gtest.h>

#include <list>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "support/loop_test.hpp"

namespace sallyport::net {
namespace {

class WaitersTest : public support::LoopTest {
 protected:
  // Waits so often, and says each time that it was told.
  Task<void> wait_at(Waiters& at, int number, int times = 1) {
    for (int i = 0; i < times; ++i) {
      const bool in_time = co_await at.wait(loop_, Time::max());
      if (in_time) told_.push_back(number);
    }
  }
  // Ends the last who waits, and where they wait.
  Task<void> end_all_at(std::unique_ptr<Waiters>& at) {
    static_cast<void>(co_await at->wait(loop_, Time::max()));
    told_.push_back(1);
    tasks_.back().reset();
    at.reset();
  }
  void start(Task<void> task) {
    tasks_.push_back(std::move(task));
    tasks_.back()->start();
  }

  std::vector<int> told_;
  std::list<std::optional<Task<void>>> tasks_;
};

TEST_F(WaitersTest, AreToldInTheOrderInWhichTheyCame) {
  Waiters waiters;
  EXPECT_TRUE(waiters.empty());
  for (const int number : {1, 2, 3}) start(wait_at(waiters, number));
  EXPECT_FALSE(waiters.empty());
  waiters.notify_all();
  EXPECT_EQ(told_, (std::vector<int>{1, 2, 3}));
  EXPECT_TRUE(waiters.empty());
}

TEST_F(WaitersTest, WhoWaitsAgainIsToldTheNextTimeAndBehindTheOthers) {
  Waiters waiters;
  start(wait_at(waiters, 1, 2));
  start(wait_at(waiters, 2, 1));
  waiters.notify_all();
  EXPECT_EQ(told_, (std::vector<int>{1, 2}));
  start(wait_at(waiters, 3));
  waiters.notify_all();
  EXPECT_EQ(told_, (std::vector<int>{1, 2, 1, 3}));
}

TEST_F(WaitersTest, WhoGoesAwayIsNotTold) {
  Waiters waiters;
  for (const int number : {1, 2, 3}) start(wait_at(waiters, number));
  std::next(tasks_.begin())->reset();
  waiters.notify_all();
  EXPECT_EQ(told_, (std::vector<int>{1, 3}));
}

TEST_F(WaitersTest, OneThatIsToldMayEndTheOthersAndTheList) {
  auto waiters = std::make_unique<Waiters>();
  start(end_all_at(waiters));
  start(wait_at(*waiters, 2));
  waiters->notify_all();
  EXPECT_EQ(told_, std::vector<int>{1});
}

TEST_F(WaitersTest, TheDeadlineEndsTheWait) {
  Waiters waiters;
  auto waiting = waiters.wait(loop_, Clock::now() + Duration(1));
  waiting.start();
  run_until([&] { return waiting.done(); });
  EXPECT_FALSE(waiting.take());
  EXPECT_TRUE(waiters.empty());
}

TEST_F(WaitersTest, OneSignalMayHavePlacesInSeveralLists) {
  Waiters one;
  Waiters other;
  Signal signal;
  std::optional<bool> in_time;
  std::list<Waiters::Place> places;
  for (Waiters* const at : {&one, &other}) places.emplace_back(*at, signal);
  const auto wait = [](Loop& loop, Signal& at, std::optional<bool>& told) -> Task<void> {
    told = co_await at.wait(loop, Time::max());
  };
  start(wait(loop_, signal, in_time));
  other.notify_all();
  EXPECT_EQ(in_time, true);
  places.clear();
  EXPECT_TRUE(one.empty());
}

TEST_F(WaitersTest, DeferredOnesAreToldByTheLoop) {
  DeferredWaiters waiters(loop_);
  bool told = false;
  const auto wait = [](DeferredWaiters& at, bool& over) -> Task<void> {
    co_await at.wait(Time::max());
    over = true;
  };
  start(wait(waiters, told));
  waiters.wake();
  EXPECT_FALSE(told);
  turn(1);
  EXPECT_TRUE(told);
}

}  // namespace
}  // namespace sallyport::net
