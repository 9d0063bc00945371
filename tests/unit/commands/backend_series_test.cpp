// SPDX-License-Identifier: Apache-2.0
#include "commands/backend_series.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <initializer_list>
#include <string>
#include <utility>

namespace sallyport::commands {
namespace {

BackendSeries::ById asked(std::initializer_list<std::pair<std::string, std::uint64_t>> backends) {
  BackendSeries::ById all;
  for (const auto& [id, connects] : backends) {
    all[id].id = id;
    all[id].connects = connects;
    for (std::uint64_t i = 0; i < connects; ++i) all[id].requests.count(200, std::chrono::milliseconds(2));
  }
  return all;
}

TEST(BackendSeries, TheFirstToBeAskedHaveTheirOwn) {
  BackendSeries series;
  series.take(asked({{"a", 0}, {"b", 1}, {"c", 1}}), 2);
  EXPECT_FALSE(series.has_own("a"));
  EXPECT_TRUE(series.has_own("b"));
  EXPECT_TRUE(series.has_own("c"));
  EXPECT_FALSE(series.has_overflow());
  series.take(asked({{"a", 3}, {"b", 1}, {"c", 1}}), 2);
  EXPECT_FALSE(series.has_own("a"));
  EXPECT_EQ(series.over(), 1U);
  EXPECT_EQ(series.overflow().connects, 3U);
}

TEST(BackendSeries, TheOverflowGetsWhatIsNew) {
  BackendSeries series;
  for (const std::uint64_t count : {3U, 3U, 10U}) series.take(asked({{"a", count}}), 0);
  EXPECT_EQ(series.overflow().connects, 10U);
  EXPECT_EQ(series.overflow().requests.by_class[2], 10U);
  EXPECT_EQ(series.overflow().requests.by_duration[1], 10U);
  EXPECT_EQ(series.overflow().requests.duration_sum, std::chrono::milliseconds(20));
}

TEST(BackendSeries, TheOverflowKeepsWhatThoseThatAreGoneAdded) {
  BackendSeries series;
  series.take(asked({{"a", 3}, {"b", 4}}), 0);
  series.take(asked({{"b", 5}}), 0);
  EXPECT_EQ(series.over(), 1U);
  EXPECT_EQ(series.overflow().connects, 8U);
  series.take(asked({{"a", 1}, {"b", 5}}), 0);  // another of that name
  EXPECT_EQ(series.overflow().connects, 9U);
  series.take({}, 0);
  EXPECT_EQ(series.over(), 0U);
  EXPECT_TRUE(series.has_overflow());
  EXPECT_EQ(series.overflow().connects, 9U);
}

TEST(BackendSeries, OneThatBeganAnewBetweenTwoReadingsCountsFromNothing) {
  BackendSeries series;
  series.take(asked({{"a", 10}}), 0);
  series.take(asked({{"a", 4}}), 0);
  EXPECT_EQ(series.overflow().connects, 14U);
}

TEST(BackendSeries, APlaceThatBecomesFreeIsForTheNextNewOneAndNobodyMoves) {
  BackendSeries series;
  series.take(asked({{"a", 1}, {"b", 1}}), 1);
  ASSERT_TRUE(series.has_own("a"));
  series.take(asked({{"b", 2}}), 1);
  EXPECT_FALSE(series.has_own("b"));  // it would be counted twice
  series.take(asked({{"b", 2}, {"c", 1}}), 1);
  EXPECT_TRUE(series.has_own("c"));
}

}  // namespace
}  // namespace sallyport::commands
