// SPDX-License-Identifier: Apache-2.0
#include "routing/rule.hpp"

#include <gtest/gtest.h>

#include <array>
#include <limits>
#include <memory>

#include "model/indexed.hpp"
#include "unit/routing/rules.hpp"

namespace sallyport::routing {
namespace {

std::unique_ptr<Rule> compiled(const model::Rule& rule) { return std::make_unique<Rule>(shared(rule)); }

std::unique_ptr<Rule> weighted(std::initializer_list<std::uint64_t> weights) {
  auto rule = compiled({});
  std::uint64_t sum = 0;
  for (const std::uint64_t weight : weights) {
    sum += weight;
    rule->destinations.push_back({.backend = static_cast<Slot>(rule->destinations.size()), .weight_up_to = sum});
  }
  return rule;
}

TEST(Rule, WithoutDestinationsThereIsNone) { EXPECT_EQ(compiled({})->destination_for(7), nullptr); }

TEST(Rule, EachDestinationHasAsManyNumbersAsItsWeight) {
  const auto rule = weighted({1, 3, 6});
  std::array<int, 3> chosen{};
  for (std::uint64_t number = 1'000; number < 2'000; ++number) ++chosen.at(*rule->destination_for(number)->backend);
  EXPECT_EQ(chosen, (std::array<int, 3>{100, 300, 600}));
}

TEST(Rule, EqualNumbersGiveTheSameDestination) {
  const auto rule = weighted({5, 5});
  EXPECT_EQ(rule->destination_for(1'234'567), rule->destination_for(1'234'567));
}

TEST(Rule, TheGreatestWeightsAndNumbersAreNoProblem) {
  constexpr std::uint64_t most = std::numeric_limits<std::uint32_t>::max();
  const auto rule = weighted({most, most});
  EXPECT_EQ(rule->destination_for(most - 1)->backend, 0U);
  EXPECT_EQ(rule->destination_for(most)->backend, 1U);
  EXPECT_NE(rule->destination_for(std::numeric_limits<std::uint64_t>::max()), nullptr);
}

// Every part of the rank counts, then the id.
TEST(Rule, IsOrderedByRankAndId) {
  const model::Rule first = model_rule("", "/a", 5);
  const auto is_before = [&](auto change) {
    model::Rule second = first;
    change(second);
    return *compiled(first) < *compiled(second) && *compiled(second) > *compiled(first);
  };
  EXPECT_TRUE(is_before([](model::Rule& rule) {
    rule.rank.tier = 2;
    rule.rank.words[0] = 0;
  }));
  EXPECT_TRUE(is_before([](model::Rule& rule) {
    rule.rank.words[0] = 6;
    rule.rank.created = 0;
  }));
  EXPECT_TRUE(is_before([](model::Rule& rule) { rule.rank.words[2] = 1; }));
  EXPECT_TRUE(is_before([](model::Rule& rule) { rule.rank.text = "a"; }));
  EXPECT_TRUE(is_before([](model::Rule& rule) { rule.rank.name = "a"; }));
  EXPECT_TRUE(is_before([](model::Rule& rule) { rule.rank.index = 1; }));
  EXPECT_TRUE(is_before([](model::Rule& rule) { rule.id = "x"; }));
}

struct Index {
  std::string_view host;
  std::string_view path;
  bool is_indexed;
  std::string_view key;
};

TEST(Rule, IsFoundByTheBeginningOfItsPath) {
  for (const Index& one :
       {Index{"", "*", true, ""}, Index{"", "/", true, ""}, Index{"a.example", "/a", true, "/a"},
        Index{"**.example", "=/A", true, "/A"}, Index{"*.example", "i:^/A", true, "/a"}, Index{"", "~/a.*", true, "/a"},
        Index{"", "~/.*", false, "/"}, Index{"", "~.*/a", false, ""}, Index{"", "i:~/a.*", false, ""},
        Index{"~.*", "/a", false, "/a"}, Index{"", "~[", false, ""}}) {
    const model::Rule rule = model_rule(one.host, one.path);
    EXPECT_EQ(model::is_indexed(rule), one.is_indexed) << rule.id;
    EXPECT_EQ(compiled(rule)->is_indexed, one.is_indexed) << rule.id;
    EXPECT_EQ(path_key(*compiled(rule)), one.key) << rule.id;
  }
}

}  // namespace
}  // namespace sallyport::routing
