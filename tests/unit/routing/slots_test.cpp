// SPDX-License-Identifier: Apache-2.0
#include "routing/slots.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <map>
#include <random>
#include <vector>

namespace sallyport::routing {
namespace {

struct Part : Counted {
  explicit Part(int number) : value(number) {}
  int value;
};

std::map<Slot, int> content(const Slots<Part>& slots, Slot end) {
  std::map<Slot, int> all;
  for (Slot slot = 0; slot < end; ++slot) {
    if (const Part* const part = slots.get(slot)) all[slot] = part->value;
  }
  std::vector<int> in_order;
  slots.for_each([&](const Part& part) { in_order.push_back(part.value); });
  std::vector<int> expected;
  for (const auto& [slot, value] : all) expected.push_back(value);
  EXPECT_EQ(in_order, expected);
  return all;
}

TEST(Slots, EqualAMapAfterRandomEdits) {
  std::mt19937 random(5);
  const auto below = [&](std::uint32_t end) { return static_cast<Slot>(random() % end); };
  const std::int64_t before = node_counts().alive;
  constexpr Slot end = 3'000;
  Slots<Part> slots;
  std::map<Slot, int> map;
  std::vector<std::pair<Slots<Part>, std::map<Slot, int>>> kept;
  for (int i = 0; i < 5'000; ++i) {
    const Slot slot = below(below(2) == 0 ? end : 40);
    if (below(2) == 0) {
      slots.erase(slot);
      map.erase(slot);
    } else {
      slots.set(slot, make_counted<Part>(i));
      map[slot] = i;
    }
    if (i % 500 == 0) kept.emplace_back(slots, map);
  }
  EXPECT_EQ(content(slots, end), map);
  for (const auto& [old, was] : kept) EXPECT_EQ(content(old, end), was) << "a copy does not see later changes";
  kept.clear();
  const std::int64_t nodes = node_counts().alive - before;
  Slots<Part> fresh;
  for (const auto& [slot, value] : map) fresh.set(slot, make_counted<Part>(value));
  EXPECT_EQ(node_counts().alive - before, nodes * 2) << "history leaves nothing";
  fresh = {};
  for (const auto& [slot, value] : map) slots.erase(slot);
  EXPECT_EQ(node_counts().alive, before);
}

TEST(Slots, TheGreatestSlotIsOneToo) {
  constexpr Slot last = std::numeric_limits<Slot>::max();
  Slots<Part> slots;
  slots.set(0, make_counted<Part>(1));
  EXPECT_EQ(slots.get(last), nullptr);
  slots.set(last, make_counted<Part>(2));
  EXPECT_EQ(slots.get(last)->value, 2);
  EXPECT_EQ(slots.get(0)->value, 1);
  EXPECT_EQ(slots.get(last - 1), nullptr);
  slots.erase(last);
  EXPECT_EQ(slots.get(last), nullptr);
  EXPECT_EQ(slots.get(0)->value, 1);
}

TEST(Slots, ChangingCopiesAPartThatOthersHave) {
  Slots<Part> slots;
  slots.set(7, make_counted<Part>(1));
  const Part* const own_part = slots.get(7);
  slots.change(7).value = 2;
  EXPECT_EQ(slots.get(7), own_part);
  const Slots<Part> copy = slots;
  slots.change(7).value = 3;
  EXPECT_EQ(copy.get(7)->value, 2);
  EXPECT_EQ(slots.get(7)->value, 3);
}

}  // namespace
}  // namespace sallyport::routing
