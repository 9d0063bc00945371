// SPDX-License-Identifier: Apache-2.0
#include "net/loop.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "net/task.hpp"
#include "net/yield.hpp"
#include "support/descriptors.hpp"
#include "support/loop_test.hpp"

namespace sallyport::net {
namespace {

class LoopTest : public support::LoopTest {};

TEST_F(LoopTest, MessagesOfEachThreadArriveInOrderAndNoneIsLost) {
  constexpr int threads = 3;
  constexpr int messages = 2'000;
  std::vector<std::vector<int>> got(threads);
  std::vector<std::jthread> senders;
  for (int thread = 0; thread < threads; ++thread) {
    senders.emplace_back([this, thread, &mine = got[static_cast<std::size_t>(thread)]] {
      for (int i = 0; i < messages; ++i) loop_.post([&mine, i] { mine.push_back(i); });
      loop_.post([thread, &mine] { mine.push_back(-1 - thread); });
    });
  }
  run_until([&] { return std::ranges::all_of(got, [](const auto& one) { return !one.empty() && one.back() < 0; }); });
  for (const auto& one : got) {
    ASSERT_EQ(one.size(), messages + 1U);
    EXPECT_TRUE(std::is_sorted(one.begin(), one.end() - 1));
  }
}

TEST_F(LoopTest, AnotherThreadStopsIt) {
  std::jthread other([this] { loop_.stop(); });
  loop_.run();
}

TEST_F(LoopTest, WhatWasPostedBeforeStopIsNotLost) {
  bool came = false;
  loop_.stop();
  loop_.post([&] { came = true; });
  loop_.run();
  EXPECT_TRUE(came);
}

TEST_F(LoopTest, RunsAgainAfterStop) {
  loop_.stop();
  loop_.run();
  bool came = false;
  loop_.post([&] { came = true; });
  run_until([&] { return came; });
}

TEST_F(LoopTest, AMessageMayPostAnother) {
  int depth = 0;
  const std::function<void()> deeper = [&] {
    if (++depth < 5) loop_.post(deeper);
  };
  loop_.post(deeper);
  run_until([&] { return depth == 5; });
}

TEST_F(LoopTest, LastTurnMovesWhileNothingHappens) {
  EXPECT_EQ(loop_.last_turn(), Duration(0)) << "before run()";
  turn(1);
  const Duration first = loop_.last_turn();
  EXPECT_GT(first, Duration(0));
  // Nothing but the loop's own waking up makes it turn again.
  run_until([&] { return loop_.last_turn() > first; });
}

class Work final : public Deferred {
 public:
  explicit Work(std::function<void()> work) : work_(std::move(work)) {}

 private:
  void at_turn_end() override { work_(); }
  std::function<void()> work_;
};

TEST_F(LoopTest, DeferredWorkRunsOnceHoweverOftenItIsPutOff) {
  int runs = 0;
  Work work([&] { ++runs; });
  loop_.defer(work);
  loop_.defer(work);
  EXPECT_EQ(runs, 0);
  turn();
  EXPECT_EQ(runs, 1);
}

TEST_F(LoopTest, DeferredWorkMayDestroyOtherDeferredWorkAndItself) {
  std::vector<std::unique_ptr<Work>> all;
  int runs = 0;
  for (int i = 0; i < 3; ++i) {
    all.push_back(std::make_unique<Work>([&] {
      ++runs;
      const auto alive_until_now = std::move(all);
      all.clear();
    }));
  }
  for (const auto& work : all) loop_.defer(*work);
  turn();
  EXPECT_EQ(runs, 1);
}

TEST_F(LoopTest, WorkThatIsPutOffAgainWaitsForTheNextTurnWhichDoesNotSleep) {
  int turns = 0;
  std::vector<int> ran_in;
  std::unique_ptr<Work> work;
  work = std::make_unique<Work>([&] {
    ran_in.push_back(turns);
    if (ran_in.size() < 3) loop_.defer(*work);  // nothing else wakes the loop up
  });
  loop_.defer(*work);
  run_until([&] {
    ++turns;
    return ran_in.size() == 3;
  });
  EXPECT_EQ(ran_in, (std::vector{1, 2, 3}));
}

TEST_F(LoopTest, DestroyedWorkDoesNotRun) {
  int runs = 0;
  Work stays([&] { ++runs; });
  {
    Work goes([&] { runs += 100; });
    loop_.defer(goes);
    loop_.defer(stays);
  }
  turn();
  EXPECT_EQ(runs, 1);
}

// Registered as long as it lives.
class Watch final : public Watcher {
 public:
  Watch(Loop& loop, int fd, std::function<void()> call) : loop_(loop), fd_(fd), call_(std::move(call)) {
    EXPECT_TRUE(loop_.add(fd_, EPOLLIN, *this));
  }
  ~Watch() { loop_.remove(fd_, *this); }

 private:
  void on_events(std::uint32_t) override { call_(); }
  Loop& loop_;
  int fd_;
  std::function<void()> call_;
};

TEST_F(LoopTest, AnEventOfTheSameBatchDoesNotReachAWatcherThatIsGone) {
  constexpr std::size_t count = 4;
  std::vector<support::Pair> pairs;
  std::vector<std::unique_ptr<Watch>> watches(count);
  std::vector<std::unique_ptr<Watch>> newcomers;
  int calls = 0;
  for (std::size_t i = 0; i < count; ++i) {
    pairs.push_back(support::local_pair(SOCK_STREAM));
    ASSERT_EQ(::write(pairs[i].other.get(), "x", 1), 1);
  }
  for (std::size_t i = 0; i < count; ++i) {
    watches[i] = std::make_unique<Watch>(loop_, pairs[i].one.get(), [&, i] {
      ++calls;
      // All the others go, and new ones may lie where they were.
      for (std::size_t other = 0; other < count; ++other) {
        if (other != i) watches[other].reset();
      }
      if (newcomers.empty()) {
        newcomers.push_back(std::make_unique<Watch>(loop_, pairs[(i + 1) % count].other.get(), [&] { calls += 100; }));
      }
      char byte = 0;
      ASSERT_EQ(::read(pairs[i].one.get(), &byte, 1), 1);
    });
  }
  turn();
  EXPECT_EQ(calls, 1);
}

TEST_F(LoopTest, RefusesADescriptorThatCannotBeWatched) {
  class Nobody final : public Watcher {
    void on_events(std::uint32_t) override {}
  } nobody;
  EXPECT_FALSE(loop_.add(-1, EPOLLIN, nobody));
}

TEST_F(LoopTest, TheWallClockIsReadOnceATurn) {
  turn(1);
  const auto first = loop_.wall();
  EXPECT_EQ(loop_.wall(), first);
}

Task<void> yields(Loop& loop, int& steps) {
  for (;;) {
    ++steps;
    co_await Yield(loop);
  }
}

TEST_F(LoopTest, YieldLetsOthersGoFirstAndIsCancelledWithItsTask) {
  int steps = 0;
  int turns = 0;
  Task<void> task = yields(loop_, steps);
  task.start();
  run_until([&] { return ++turns == 5; });
  EXPECT_EQ(steps, 5) << "once before, and once in each turn";
  task.reset();
  turn();
  EXPECT_EQ(steps, 5);
}

}  // namespace
}  // namespace sallyport::net
