// SPDX-License-Identifier: Apache-2.0
#include "net/cpus.hpp"

#include <gtest/gtest.h>

namespace sallyport::net {
namespace {

TEST(Cpus, AQuotaIsRoundedUp) {
  EXPECT_EQ(quota_in("150000 100000"), 2U);
  EXPECT_EQ(quota_in("200000 100000\n"), 2U);
  EXPECT_EQ(quota_in("1000 100000"), 1U);
  EXPECT_EQ(quota_in("0 100000"), 1U);
}

TEST(Cpus, NoQuotaIsNone) { EXPECT_EQ(quota_in("max 100000\n"), 0U); }

TEST(Cpus, WhatIsNoQuotaIsNone) {
  for (const char* text : {"", "\n", "100000", "100000 0", "a b", "1 2 3", "-1 100000", " 100000"}) {
    EXPECT_EQ(quota_in(text), 0U) << text;
  }
}

TEST(Cpus, TheGreatestQuotaDoesNotOverflow) {
  EXPECT_EQ(quota_in("18446744073709551615 100000"), 184467440737096U);
  EXPECT_EQ(quota_in("18446744073709551615 18446744073709551615"), 1U);
}

TEST(Cpus, ThereIsAlwaysOne) { EXPECT_GE(granted_cpus(), 1U); }

}  // namespace
}  // namespace sallyport::net
