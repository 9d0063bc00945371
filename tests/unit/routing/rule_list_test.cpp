// SPDX-License-Identifier: Apache-2.0
#include "routing/rule_list.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

#include "unit/routing/rules.hpp"

namespace sallyport::routing {
namespace {

RuleRef compiled(std::size_t number) {
  model::Rule rule = model_rule("", "/", number);
  rule.id = std::to_string(number);
  return make_counted<const Rule>(shared(std::move(rule)));
}

using Numbers = std::vector<std::size_t>;

Numbers numbers(const RuleList& list, std::size_t* chunks = nullptr) {
  Numbers all;
  std::span<const Listed> rules = list.first();
  for (; !rules.empty(); rules = list.after(*rules.back().rule)) {
    for (const Listed& one : rules) all.push_back(one.rule->words[0]);
    if (chunks != nullptr) ++*chunks;
  }
  return all;
}

TEST(RuleList, IsInOrderWhateverTheOrderOfAdding) {
  RuleList list;
  EXPECT_TRUE(list.empty());
  EXPECT_TRUE(list.first().empty());
  EXPECT_EQ(list.shapes(), 0);
  for (const std::size_t number : {5U, 1U, 3U, 2U, 4U}) list.add(compiled(number));
  EXPECT_EQ(numbers(list), (Numbers{1, 2, 3, 4, 5}));
  EXPECT_EQ(list.shapes(), PathShape::elements);
  EXPECT_EQ(list.after(*compiled(3)).front().rule->words[0], 4U);
  EXPECT_TRUE(list.after(*compiled(5)).empty());
}

TEST(RuleList, ShapesAreOfThoseThatAreLeft) {
  const RuleRef exact = make_counted<const Rule>(shared(model_rule("", "=/a", 1)));
  RuleList list;
  list.add(compiled(2));
  list.add(exact);
  EXPECT_EQ(list.shapes(), PathShape::exact | PathShape::elements);
  list.remove(*exact);
  EXPECT_EQ(list.shapes(), PathShape::elements);
  ASSERT_NE(list.only(), nullptr);
  EXPECT_EQ(list.only()->rule->words[0], 2U);
}

// Against a set, with copies that must not see what comes later; and a fresh one has the same nodes and bytes.
TEST(RuleList, RandomEditsLeaveWhatAFreshListHas) {
  std::mt19937 random(4);
  std::vector<RuleRef> all;
  for (std::size_t i = 0; i < 6'000; ++i) all.push_back(compiled(i));
  const NodeCounts before = node_counts();
  std::set<std::size_t> there;
  RuleList list;
  for (int i = 0; i < 40'000; ++i) {
    // It grows, and shrinks to little again.
    const bool grows = i / 8'000 % 2 == 0;
    const std::size_t number = random() % all.size();
    {
      const RuleList held = i % 3 == 0 ? list : RuleList();
      if (there.contains(number) && (!grows || i % 4 == 0)) {
        list.remove(*all[number]);
        there.erase(number);
      } else if (!there.contains(number) && (grows || i % 16 == 0)) {
        list.add(all[number]);
        there.insert(number);
      }
    }
    if (i % 500 != 0) continue;
    ASSERT_TRUE(std::ranges::equal(numbers(list), there));
    const NodeCounts edited = node_counts();
    RuleList fresh;
    for (const std::size_t one : there) fresh.add(all[one]);
    ASSERT_EQ(node_counts().alive - edited.alive, edited.alive - before.alive);
    ASSERT_EQ(node_counts().bytes - edited.bytes, edited.bytes - before.bytes);
  }
  const RuleList copy = list;
  const Numbers as_it_was = numbers(copy);
  for (const std::size_t one : there) list.remove(*all[one]);
  EXPECT_TRUE(list.empty());
  EXPECT_EQ(numbers(copy), as_it_was);
}

TEST(RuleList, AChangeCopiesAChunkAndTheWayToIt) {
  RuleList list;
  for (std::size_t i = 0; i < 40'000; ++i) list.add(compiled(2 * i));
  std::size_t chunks = 0;
  EXPECT_EQ(numbers(list, &chunks).size(), 40'000U);
  EXPECT_GT(chunks, 800U);
  for (std::size_t i = 0; i < 200; ++i) {
    const RuleRef rule = compiled(i * 399 + 1);
    const RuleList copy = list;
    const NodeCounts before = node_counts();
    list.add(rule);
    EXPECT_LE(node_counts().made - before.made, 8U);
    EXPECT_LT(node_counts().bytes - before.bytes, 32 * 1024);
    const std::uint64_t made = node_counts().made;
    const RuleList with = list;
    list.remove(*rule);
    EXPECT_LE(node_counts().made - made, 8U);
  }
}

}  // namespace
}  // namespace sallyport::routing
