// SPDX-License-Identifier: Apache-2.0
#include "net/quota.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

namespace sallyport::net {
namespace {

TEST(Quota, IsScarceBeyondThreeQuartersAndFullAtItsCap) {
  Quota quota(8);
  std::vector<std::unique_ptr<Quota::Share>> shares;
  for (int i = 0; i < 6; ++i) shares.push_back(std::make_unique<Quota::Share>(&quota));
  EXPECT_FALSE(quota.is_scarce());
  shares.push_back(std::make_unique<Quota::Share>(&quota));
  EXPECT_TRUE(shares.front()->is_scarce());
  EXPECT_FALSE(quota.is_full());
  shares.push_back(std::make_unique<Quota::Share>(&quota));
  EXPECT_TRUE(quota.is_full());
  shares.clear();
  EXPECT_EQ(quota.used(), 0U);
}

TEST(Quota, OfOneIsScarceWhenItIsFull) {
  Quota quota(1);
  EXPECT_FALSE(quota.is_scarce());
  const Quota::Share share(&quota);
  EXPECT_TRUE(share.is_scarce());
}

TEST(Quota, AShareOfNoneIsNeverScarce) {
  const Quota::Share share(nullptr);
  EXPECT_FALSE(share.is_scarce());
}

}  // namespace
}  // namespace sallyport::net
