// SPDX-License-Identifier: Apache-2.0
#include "filters/state.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace sallyport::filters {
namespace {

struct Count {
  int value = 0;
};
struct OtherCount {
  int value = 0;
};
using SharedCount = std::atomic<int>;

TEST(WorkerStates, OneKeyIsOneObject) {
  SharedStates shared;
  WorkerStates states(shared);
  Count& first = states.own<Count>("a");
  first.value = 7;
  for (int i = 0; i < 100; ++i) states.own<Count>(std::to_string(i));
  EXPECT_EQ(&states.own<Count>("a"), &first);
  EXPECT_EQ(states.own<Count>("b").value, 0);
}

TEST(WorkerStates, TypesOfTheSameKeyDoNotCollide) {
  SharedStates shared;
  WorkerStates states(shared);
  states.own<Count>("a").value = 7;
  EXPECT_EQ(states.own<OtherCount>("a").value, 0);
  states.shared<SharedCount>("a") = 9;
  EXPECT_EQ(states.own<SharedCount>("a"), 0);
  EXPECT_EQ(states.shared<std::atomic<long>>("a"), 0);
}

TEST(WorkerStates, OwnIsEachWorkersAndSharedIsAlls) {
  SharedStates shared;
  WorkerStates one(shared);
  WorkerStates other(shared);
  one.own<Count>("a").value = 7;
  EXPECT_EQ(other.own<Count>("a").value, 0);
  one.shared<SharedCount>("a") = 7;
  EXPECT_EQ(other.shared<SharedCount>("a"), 7);
  EXPECT_EQ(&one.shared<SharedCount>("a"), &other.shared<SharedCount>("a"));
}

TEST(WorkerStates, WhatIsSharedOutlivesAWorker) {
  SharedStates shared;
  {
    WorkerStates gone(shared);
    gone.shared<SharedCount>("a") = 7;
  }
  EXPECT_EQ(WorkerStates(shared).shared<SharedCount>("a"), 7);
}

TEST(SharedStates, AreForAnyThread) {
  SharedStates shared;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&shared] {
      WorkerStates states(shared);
      for (int key = 0; key < 100; ++key) {
        for (int times = 0; times < 10; ++times) ++states.shared<SharedCount>(std::to_string(key));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  WorkerStates states(shared);
  for (int key = 0; key < 100; ++key) EXPECT_EQ(states.shared<SharedCount>(std::to_string(key)), 40);
}

}  // namespace
}  // namespace sallyport::filters
