// SPDX-License-Identifier: Apache-2.0
#include "net/buffer_pool.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <vector>

#include "net/ledger.hpp"

namespace sallyport::net {
namespace {

constexpr std::size_t small = BufferPool::small;
constexpr std::size_t large = BufferPool::large;

TEST(Ledger, ChargesItsParentWithIt) {
  Ledger worker(100);
  Ledger one(80, &worker);
  Ledger two(80, &worker);
  EXPECT_TRUE(one.charge(60));
  EXPECT_TRUE(two.charge(40));
  EXPECT_EQ(worker.held(), 100U);
  one.release(60);
  EXPECT_EQ(one.held(), 0U);
  EXPECT_EQ(worker.held(), 40U);
}

TEST(Ledger, RefusesWhatIsOverTheCapOfAnyAndChargesNobodyThen) {
  Ledger worker(100);
  Ledger one(80, &worker);
  Ledger two(80, &worker);
  EXPECT_FALSE(one.charge(81));
  EXPECT_TRUE(one.charge(80));
  EXPECT_FALSE(one.charge(1));
  EXPECT_FALSE(two.charge(21)) << "the worker's cap";
  EXPECT_EQ(two.held(), 0U);
  EXPECT_EQ(worker.held(), 80U);
  EXPECT_TRUE(two.charge(20));
  EXPECT_FALSE(one.charge(static_cast<std::size_t>(-1)));
}

TEST(BufferPool, ChargesTheLedgerUntilTheBufferIsGone) {
  BufferPool pool;
  Ledger ledger(small + large);
  {
    const Buffer first = pool.take(small, ledger);
    const Buffer second = pool.take(large, ledger);
    EXPECT_TRUE(first && second);
    EXPECT_EQ(second.span().size(), large);
    EXPECT_EQ(ledger.held(), small + large);
    const Buffer third = pool.take(small, ledger);
    EXPECT_FALSE(third) << "over the cap";
    EXPECT_TRUE(third.span().empty());
  }
  EXPECT_EQ(ledger.held(), 0U);
}

TEST(BufferPool, GivesTheLastReturnedFirst) {
  BufferPool pool;
  Ledger ledger(10 * large);
  Buffer first = pool.take(large, ledger);
  Buffer second = pool.take(large, ledger);
  char* const of_first = first.data();
  char* const of_second = second.data();
  second.give_back();
  first.give_back();
  EXPECT_EQ(pool.take(large, ledger).data(), of_first);
  const Buffer again = pool.take(large, ledger);
  EXPECT_EQ(again.data(), of_first);
  EXPECT_EQ(pool.take(large, ledger).data(), of_second);
  EXPECT_NE(pool.take(small, ledger).data(), of_second) << "another size";
}

TEST(Buffer, IsEmptyAfterItIsGivenBackOrMovedFrom) {
  BufferPool pool;
  Ledger ledger(10 * large);
  Buffer first = pool.take(small, ledger);
  Buffer second = std::move(first);
  EXPECT_FALSE(first);
  EXPECT_EQ(first.data(), nullptr);
  EXPECT_EQ(ledger.held(), small);
  first.give_back();  // nothing to give
  EXPECT_EQ(ledger.held(), small);
  second.give_back();
  second.give_back();
  EXPECT_FALSE(second);
  EXPECT_EQ(ledger.held(), 0U);
}

TEST(Buffer, MovingOverOneGivesItBackToItsOwnLedger) {
  BufferPool pool;
  Ledger mine(large);
  Ledger yours(large);
  Buffer buffer = pool.take(small, mine);
  buffer = pool.take(large, yours);
  EXPECT_EQ(mine.held(), 0U);
  EXPECT_EQ(yours.held(), large);
  buffer = Buffer();
  EXPECT_EQ(yours.held(), 0U);
}

TEST(BufferPool, KeepsABoundedNumber) {
  BufferPool pool;
  Ledger ledger(2'000 * small);
  std::vector<Buffer> many;
  for (int i = 0; i < 1'000; ++i) {
    many.push_back(pool.take(small, ledger));
    std::memset(many.back().data(), 1, small);
  }
  many.clear();  // the sanitizer would tell of blocks that are lost
  EXPECT_EQ(ledger.held(), 0U);
}

}  // namespace
}  // namespace sallyport::net
