// SPDX-License-Identifier: Apache-2.0
#include "sources/api_server/token_bucket.hpp"

#include <gtest/gtest.h>

#include "sources/api_server/schedule.hpp"

namespace sallyport::sources::api_server {
namespace {

using net::Duration;

constexpr net::Time begin{std::chrono::hours(1)};

TEST(TokenBucket, GivesABurstAndThenOneEachInterval) {
  TokenBucket bucket(Duration(100), 3);
  for (int taken = 0; taken < 3; ++taken) {
    EXPECT_LE(bucket.next(), begin);
    bucket.take(begin);
  }
  EXPECT_EQ(bucket.next(), begin + Duration(100));
  bucket.take(begin + Duration(100));
  EXPECT_EQ(bucket.next(), begin + Duration(200));
}

TEST(TokenBucket, FillsUpAgainAndNotBeyond) {
  TokenBucket bucket(Duration(100), 3);
  bucket.take(begin);
  const net::Time later = begin + std::chrono::minutes(1);
  for (int taken = 0; taken < 3; ++taken) {
    EXPECT_LE(bucket.next(), later);
    bucket.take(later);
  }
  EXPECT_GT(bucket.next(), later);
}

TEST(Schedule, GivesTheEarliestOnceItIsDue) {
  const ObjectRef one{.group = "", .kind = "Service", .namespace_ = "shop", .name = "one"};
  const ObjectRef two{.group = "", .kind = "Service", .namespace_ = "shop", .name = "two"};
  Schedule schedule;
  EXPECT_EQ(schedule.earliest(), std::nullopt);
  schedule.put(one, begin + Duration(10));
  schedule.put(two, begin + Duration(5));
  EXPECT_EQ(schedule.earliest(), begin + Duration(5));
  EXPECT_EQ(schedule.first(begin), std::nullopt);
  EXPECT_EQ(schedule.first(begin + Duration(5)), two);
  schedule.put(two, begin + Duration(20));  // moves it
  EXPECT_EQ(schedule.first(begin + Duration(30)), one);
  schedule.take_out(one);
  schedule.take_out(one);
  EXPECT_EQ(schedule.first(begin + Duration(30)), two);
  EXPECT_EQ(schedule.size(), 1U);
}

}  // namespace
}  // namespace sallyport::sources::api_server
