// SPDX-License-Identifier: Apache-2.0
#include "routing/slot.hpp"

#include <gtest/gtest.h>

namespace sallyport::routing {
namespace {

using Freed = std::vector<Slot>;

TEST(SlotPool, AnIdHasItsSlotAsLongAsSomebodyHoldsIt) {
  const auto pool = std::make_shared<SlotPool>();
  SlotRef a = pool->hold("a");
  const SlotRef b = pool->hold("b");
  EXPECT_NE(a->slot(), b->slot());
  EXPECT_EQ(pool->hold("a"), a);
  EXPECT_EQ(pool->find("a"), a.get());
  EXPECT_TRUE(pool->take_freed().empty());
  const Slot slot = a->slot();
  a = nullptr;
  EXPECT_EQ(pool->find("a"), nullptr);
  EXPECT_EQ(pool->take_freed(), Freed{slot});
  EXPECT_TRUE(pool->take_freed().empty());
}

TEST(SlotPool, TheSmallestFreeSlotIsNext) {
  const auto pool = std::make_shared<SlotPool>();
  std::vector<SlotRef> held;
  for (const char* id : {"0", "1", "2", "3"}) held.push_back(pool->hold(id));
  held[2] = nullptr;
  held[1] = nullptr;
  EXPECT_EQ(pool->take_freed(), (Freed{2, 1}));
  const SlotRef next = pool->hold("x");
  EXPECT_EQ(next->slot(), 1U);
  EXPECT_EQ(pool->hold("y")->slot(), 2U);
}

TEST(SlotPool, WhoIsToldOfAFreeSlotFindsItFree) {
  const auto pool = std::make_shared<SlotPool>();
  pool->hold("a");
  const SlotRef again = pool->hold("b");
  EXPECT_EQ(again->slot(), 0U);
  EXPECT_TRUE(pool->take_freed().empty());
}

TEST(SlotPool, ASlotOutlivesThePoolsOwner) {
  auto pool = std::make_shared<SlotPool>();
  const SlotRef a = pool->hold("a");
  pool = nullptr;
  EXPECT_EQ(a->slot(), 0U);
}

}  // namespace
}  // namespace sallyport::routing
