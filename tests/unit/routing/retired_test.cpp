// SPDX-License-Identifier: Apache-2.0
#include "routing/retired.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace sallyport::routing {
namespace {

TEST(Retired, OneWordIsEnoughForSeveral) {
  int told = 0;
  const auto retired = std::make_shared<Retired>([&told] { ++told; });
  SnapshotPtr first = retired->share(std::make_unique<const Snapshot>());
  SnapshotPtr second = retired->share(std::make_unique<const Snapshot>());
  SnapshotPtr third = retired->share(std::make_unique<const Snapshot>());
  first = nullptr;
  second = nullptr;
  EXPECT_EQ(told, 1);
  EXPECT_EQ(retired->alive(), 3U);
  retired->free_all();
  EXPECT_EQ(retired->alive(), 1U);
  third = nullptr;
  EXPECT_EQ(told, 2);
}

// Otherwise this would wait for itself.
TEST(Retired, OthersLetGoWhileOneTells) {
  SnapshotPtr other;
  const auto retired = std::make_shared<Retired>([&other] { std::thread([&other] { other = nullptr; }).join(); });
  SnapshotPtr one = retired->share(std::make_unique<const Snapshot>());
  other = retired->share(std::make_unique<const Snapshot>());
  one = nullptr;
  EXPECT_EQ(other, nullptr);
  retired->free_all();
  EXPECT_EQ(retired->alive(), 0U);
}

TEST(Retired, NobodyIsToldOnceItIsSilent) {
  int told = 0;
  const auto retired = std::make_shared<Retired>([&told] { ++told; });
  SnapshotPtr snapshot = retired->share(std::make_unique<const Snapshot>());
  retired->set_silent();
  snapshot = nullptr;
  EXPECT_EQ(told, 0);
}

}  // namespace
}  // namespace sallyport::routing
