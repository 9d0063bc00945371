// SPDX-License-Identifier: Apache-2.0
#include "routing/rule.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace sallyport::routing {
namespace {

Rule weighted(std::initializer_list<std::uint64_t> weights) {
  Rule rule;
  std::uint64_t sum = 0;
  for (const std::uint64_t weight : weights) {
    sum += weight;
    rule.destinations.push_back({.backend = static_cast<Slot>(rule.destinations.size()), .weight_up_to = sum});
  }
  return rule;
}

TEST(Rule, WithoutDestinationsThereIsNone) { EXPECT_EQ(Rule().destination_for(7), nullptr); }

TEST(Rule, EachDestinationHasAsManyNumbersAsItsWeight) {
  const Rule rule = weighted({1, 3, 6});
  std::array<int, 3> chosen{};
  for (std::uint64_t number = 1'000; number < 2'000; ++number) ++chosen.at(*rule.destination_for(number)->backend);
  EXPECT_EQ(chosen, (std::array<int, 3>{100, 300, 600}));
}

TEST(Rule, EqualNumbersGiveTheSameDestination) {
  const Rule rule = weighted({5, 5});
  EXPECT_EQ(rule.destination_for(1'234'567), rule.destination_for(1'234'567));
}

TEST(Rule, TheGreatestWeightsAndNumbersAreNoProblem) {
  constexpr std::uint64_t most = std::numeric_limits<std::uint32_t>::max();
  const Rule rule = weighted({most, most});
  EXPECT_EQ(rule.destination_for(most - 1)->backend, 0U);
  EXPECT_EQ(rule.destination_for(most)->backend, 1U);
  EXPECT_NE(rule.destination_for(std::numeric_limits<std::uint64_t>::max()), nullptr);
}

}  // namespace
}  // namespace sallyport::routing
