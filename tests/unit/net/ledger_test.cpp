// SPDX-License-Identifier: Apache-2.0
// Ledgers that take their part of a budget in strides. Parents and caps: buffer_pool_test.cpp.
#include "net/ledger.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <deque>
#include <optional>
#include <thread>
#include <vector>

namespace sallyport::net {
namespace {

constexpr std::size_t KiB = 1024;
constexpr std::size_t MiB = 1024 * KiB;

TEST(LedgerOfABudget, TakesAStrideAndStaysAwayFromTheBudgetUntilItIsUsed) {
  ByteBudget budget(256 * MiB, 1);
  ASSERT_EQ(budget.stride(), MiB);
  Ledger ledger(budget);
  for (int i = 0; i < 16; ++i) {
    ASSERT_TRUE(ledger.charge(64 * KiB));
    EXPECT_EQ(budget.taken(), MiB);
  }
  ASSERT_TRUE(ledger.charge(1));
  EXPECT_EQ(budget.taken(), 2 * MiB);
  EXPECT_EQ(ledger.held(), MiB + 1);
}

TEST(LedgerOfABudget, KeepsAStrideWhenItGivesBack) {
  ByteBudget budget(256 * MiB, 1);
  Ledger ledger(budget);
  ASSERT_TRUE(ledger.charge(10 * MiB));
  ledger.release(MiB);
  EXPECT_EQ(budget.taken(), 10 * MiB) << "up and down by little asks nobody";
  ASSERT_TRUE(ledger.charge(MiB));
  EXPECT_EQ(budget.taken(), 10 * MiB);
  ledger.release(10 * MiB);
  EXPECT_EQ(budget.taken(), MiB);
  EXPECT_EQ(ledger.held(), 0U);
}

TEST(LedgerOfABudget, AllOfItCanBeHeldAndNoByteMore) {
  ByteBudget budget(128 * KiB + 100, 2);
  ASSERT_EQ(budget.stride(), KiB);
  Ledger one(budget);
  Ledger two(budget);
  ASSERT_TRUE(one.charge(60 * KiB));
  EXPECT_TRUE(two.charge(68 * KiB + 100)) << "of the last stride as much as there is";
  EXPECT_FALSE(two.charge(1));
  EXPECT_FALSE(two.charge(static_cast<std::size_t>(-1)));
  EXPECT_EQ(two.held(), 68 * KiB + 100);
  EXPECT_EQ(budget.taken(), budget.cap());
}

TEST(LedgerOfABudget, TheStridesOfManyLeaveNearlyAllOfASmallOne) {
  constexpr std::size_t workers = 64;
  ByteBudget budget(MiB, workers);
  std::deque<Ledger> ledgers;
  for (std::size_t i = 0; i < workers; ++i) ASSERT_TRUE(ledgers.emplace_back(budget).charge(1));
  EXPECT_LE(budget.taken(), budget.cap() / 32);
}

TEST(LedgerOfABudget, GivesAllBackAtItsEnd) {
  ByteBudget budget(100 * MiB, 1);
  {
    Ledger ledger(budget);
    Ledger connection(MiB, &ledger);
    ASSERT_TRUE(connection.charge(100));
  }
  EXPECT_EQ(budget.taken(), 0U);
}

TEST(Ledger, WhatItHoldsAtItsEndGoesBackToItsParent) {
  Ledger worker(100);
  std::optional<Ledger> connection(std::in_place, 80, &worker);
  ASSERT_TRUE(connection->charge(60));
  connection.reset();
  EXPECT_EQ(worker.held(), 0U);
}

TEST(ByteBudget, WhatDoesNotFitIsInNobodysWay) {
  ByteBudget budget(MiB, 1);
  ASSERT_TRUE(budget.take(1));
  std::atomic<int> left = 2'000'000;
  std::thread greedy([&] {
    for (; left != 0; --left) EXPECT_FALSE(budget.take(budget.cap()));
  });
  bool fits = true;
  while (left != 0 && fits) {
    fits = budget.take(1);
    if (fits) budget.give(1);
  }
  greedy.join();
  EXPECT_TRUE(fits);
}

TEST(ByteBudget, ThreadsNeverHaveMoreThanThereIs) {
  constexpr std::size_t workers = 4;
  ByteBudget budget(4 * MiB, workers);
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < workers; ++i) {
    threads.emplace_back([&budget] {
      Ledger ledger(budget);
      for (int round = 0; round < 2000; ++round) {
        std::size_t charged = 0;
        while (ledger.charge(64 * KiB)) charged += 64 * KiB;
        EXPECT_LE(charged, budget.cap());
        ledger.release(charged);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(budget.taken(), 0U);
}

}  // namespace
}  // namespace sallyport::net
