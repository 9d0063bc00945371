// SPDX-License-Identifier: Apache-2.0
#include "sources/api_server/backoff.hpp"

#include <gtest/gtest.h>

namespace sallyport::sources::api_server {
namespace {

using net::Duration;

TEST(Backoff, GrowsToItsLimitAndBeginsAnew) {
  Chance chance(1);
  Backoff backoff(Duration(100), chance);
  for (const int step : {100, 200, 400, 800, 1000, 1000, 1000}) {
    const Duration wait = backoff.next(Duration(1000));
    EXPECT_GE(wait, Duration(step / 2));
    EXPECT_LE(wait, Duration(step));
  }
  EXPECT_EQ(backoff.failures(), 7U);
  backoff.reset();
  EXPECT_LE(backoff.next(Duration(1000)), Duration(100));
}

TEST(Backoff, NeverComesBackBeforeItWasAskedTo) {
  Chance chance(2);
  Backoff backoff(Duration(100), chance);
  for (int i = 0; i < 40; ++i) {
    const Duration wait = backoff.next(Duration(1000), Duration(5000));
    EXPECT_GE(wait, Duration(5000));
    EXPECT_LE(wait, Duration(5100));
  }
}

TEST(Backoff, IsNotAskedToStayAwayForHours) {
  Chance chance(2);
  Backoff backoff(Duration(100), chance);
  EXPECT_LE(backoff.next(Duration(1000), std::chrono::hours(24)), longest_asked + Duration(100));
}

TEST(Chance, CoversItsRange) {
  Chance chance(3);
  bool least = false;
  bool most = false;
  for (int i = 0; i < 1000; ++i) {
    const Duration one = chance.between(Duration(3), Duration(5));
    ASSERT_GE(one, Duration(3));
    ASSERT_LE(one, Duration(5));
    least = least || one == Duration(3);
    most = most || one == Duration(5);
  }
  EXPECT_TRUE(least && most);
}

}  // namespace
}  // namespace sallyport::sources::api_server
