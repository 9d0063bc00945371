// SPDX-License-Identifier: Apache-2.0
#include "net/task.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <set>

#include "net/frame_pool.hpp"
#include "support/gate.hpp"

namespace sallyport::net {
namespace {

using support::Gate;

// Counts the live ones.
class Counted {
 public:
  explicit Counted(int& live) : live_(live) { ++live_; }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;
  ~Counted() { --live_; }

 private:
  int& live_;
};

Task<int> ready(int value) { co_return value; }

Task<std::int64_t> sum_of(int children) {
  std::int64_t sum = 0;
  for (int i = 0; i < children; ++i) sum += co_await ready(1);
  co_return sum;
}

TEST(Task, AwaitingMillionsOfReadyChildrenUsesNoStack) {
  Task<std::int64_t> task = sum_of(3'000'000);
  task.start();
  ASSERT_TRUE(task.done());
  EXPECT_EQ(task.await_resume(), 3'000'000);
}

Task<int> after(Gate& gate, int value) {
  co_await gate.opened();
  co_return value;
}

Task<std::int64_t> sum_of_woken(Gate& gate, int children) {
  std::int64_t sum = 0;
  for (int i = 0; i < children; ++i) sum += co_await after(gate, 1);
  co_return sum;
}

TEST(Task, AwaitingChildrenThatAreWokenUsesNoStack) {
  Gate gate;
  Task<std::int64_t> task = sum_of_woken(gate, 100'000);
  task.start();
  for (int i = 0; i < 100'000; ++i) gate.pass();
  ASSERT_TRUE(task.done());
  EXPECT_EQ(task.await_resume(), 100'000);
}

Task<void> touch(bool& started) {
  started = true;
  co_return;
}

TEST(Task, IsLazy) {
  bool started = false;
  {
    const Task<void> task = touch(started);
    EXPECT_FALSE(started);
    EXPECT_FALSE(task.done());
  }
  EXPECT_FALSE(started) << "dropping it does not run it";
}

Task<std::unique_ptr<int>> boxed(Gate& gate, int value) {
  co_await gate.opened();
  co_return std::make_unique<int>(value);
}

Task<void> unbox(Gate& gate, int& to) {
  const std::unique_ptr<int> box = co_await boxed(gate, 7);
  to = *box;
}

TEST(Task, GivesMoveOnlyResultsAndNone) {
  Gate gate;
  int value = 0;
  Task<void> task = unbox(gate, value);
  task.start();
  EXPECT_EQ(value, 0);
  gate.open();
  EXPECT_TRUE(task.done());
  EXPECT_EQ(value, 7);
}

Task<void> leaf(std::array<Gate, 3>& gates, int& live) {
  const Counted first(live);
  co_await gates[0].opened();
  const Counted second(live);
  co_await gates[1].opened();
}

Task<void> tree(std::array<Gate, 3>& gates, int& live) {
  const Counted before(live);
  co_await leaf(gates, live);
  const Counted after_leaf(live);
  co_await gates[2].opened();
}

TEST(Task, DroppingItAtAnySuspensionPointDestroysAllAndTakesItsWaiterOff) {
  for (std::size_t opened = 0; opened < 3; ++opened) {
    std::array<Gate, 3> gates;
    int live = 0;
    Task<void> task = tree(gates, live);
    task.start();
    for (std::size_t i = 0; i < opened; ++i) gates[i].open();
    EXPECT_FALSE(task.done());
    EXPECT_TRUE(gates[opened].has_waiter());
    EXPECT_GT(live, 0);
    task.reset();
    EXPECT_EQ(live, 0) << opened;
    EXPECT_FALSE(gates[opened].has_waiter());
  }
}

TEST(Task, MovingOverARunningOneCancelsIt) {
  std::array<Gate, 3> gates;
  int live = 0;
  Task<void> task = tree(gates, live);
  task.start();
  Task<void> moved = std::move(task);
  EXPECT_GT(live, 0);
  moved = Task<void>();
  EXPECT_EQ(live, 0);
}

Task<int> beside(Gate& mine, Gate& childs, int& step) {
  Beside<int> child(after(childs, 5));
  step = 1;
  co_await mine.opened();
  step = child.done() ? 3 : 2;
  co_return co_await child;
}

TEST(Beside, IsAwaitedBeforeItsEnd) {
  Gate mine;
  Gate childs;
  int step = 0;
  Task<int> task = beside(mine, childs, step);
  task.start();
  EXPECT_EQ(step, 1);
  EXPECT_TRUE(childs.has_waiter()) << "it runs at once";
  mine.open();
  EXPECT_EQ(step, 2);
  EXPECT_FALSE(task.done());
  childs.open();
  ASSERT_TRUE(task.done());
  EXPECT_EQ(task.await_resume(), 5);
}

TEST(Beside, IsAwaitedAfterItsEnd) {
  Gate mine;
  Gate childs;
  int step = 0;
  Task<int> task = beside(mine, childs, step);
  task.start();
  childs.open();
  EXPECT_EQ(step, 1) << "its owner is not told";
  mine.open();
  EXPECT_EQ(step, 3);
  ASSERT_TRUE(task.done());
  EXPECT_EQ(task.await_resume(), 5);
}

TEST(Beside, IsCancelledWithItsOwner) {
  Gate mine;
  Gate childs;
  int step = 0;
  Task<int> task = beside(mine, childs, step);
  task.start();
  task.reset();
  EXPECT_FALSE(childs.has_waiter());
  EXPECT_FALSE(mine.has_waiter());
}

TEST(FramePool, GivesTheSameFrameAgainForASizeOfTheSameKind) {
  FramePool pool;
  void* frame = pool.take(100);
  pool.give(frame, 100);
  EXPECT_EQ(pool.take(128), frame) << "kinds are steps of 64 bytes";
  void* other = pool.take(128);
  EXPECT_NE(other, frame);
  void* larger = pool.take(129);
  pool.give(larger, 129);
  void* small = pool.take(64);
  EXPECT_NE(small, larger) << "another kind";
  pool.give(small, 64);
  pool.give(frame, 100);
  pool.give(other, 100);
}

TEST(FramePool, KeepsNoLargeFrames) {
  FramePool pool;
  void* frame = pool.take(100'000);
  std::memset(frame, 1, 100'000);
  pool.give(frame, 100'000);  // the sanitizer would tell of a frame that is lost
}

TEST(FramePool, GivesEachFrameItsOwnLinesOfMemory) {
  FramePool pool;
  for (const std::size_t size : {std::size_t{1}, std::size_t{100}, std::size_t{2'000}, std::size_t{5'000}}) {
    void* frame = pool.take(size);
    void* next = pool.take(size);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(frame) % 64, 0U) << size;
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(next) % 64, 0U) << size;
    pool.give(frame, size);
    pool.give(next, size);
  }
}

TEST(FramePool, HandsOutNoFrameTwice) {
  FramePool pool;
  std::set<void*> live;
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 5'000; ++i) EXPECT_TRUE(live.insert(pool.take(64)).second);
    for (void* frame : live) pool.give(frame, 64);
    live.clear();
  }
}

}  // namespace
}  // namespace sallyport::net
