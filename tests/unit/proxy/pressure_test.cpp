// SPDX-License-Identifier: Apache-2.0
#include "proxy/pressure.hpp"

#include <gtest/gtest.h>

namespace sallyport::proxy {
namespace {

TEST(Pressure, EachStageBeginsAtItsShareOfTheBytes) {
  Pressure pressure(1000, 1000);
  EXPECT_EQ(pressure.update(849, 0), Stage::calm);
  EXPECT_EQ(pressure.update(850, 0), Stage::hurry);
  EXPECT_EQ(pressure.update(919, 0), Stage::hurry);
  EXPECT_EQ(pressure.update(920, 0), Stage::shed);
  EXPECT_EQ(pressure.update(949, 0), Stage::shed);
  EXPECT_EQ(pressure.update(950, 0), Stage::refuse);
  EXPECT_EQ(pressure.update(979, 0), Stage::refuse);
  EXPECT_EQ(pressure.update(980, 0), Stage::cut);
}

TEST(Pressure, AStageLastsUntilFivePointsBelow) {
  Pressure pressure(1000, 1000);
  EXPECT_EQ(pressure.update(1000, 0), Stage::cut);
  EXPECT_EQ(pressure.update(930, 0), Stage::cut);
  EXPECT_EQ(pressure.update(929, 0), Stage::refuse);
  EXPECT_EQ(pressure.update(900, 0), Stage::refuse);
  EXPECT_EQ(pressure.update(899, 0), Stage::shed);
  EXPECT_EQ(pressure.update(870, 0), Stage::shed);
  EXPECT_EQ(pressure.update(869, 0), Stage::hurry);
  EXPECT_EQ(pressure.update(800, 0), Stage::hurry);
  EXPECT_EQ(pressure.update(799, 0), Stage::calm);
  EXPECT_EQ(pressure.update(849, 0), Stage::calm) << "and begins where it began";
}

TEST(Pressure, GoesAllTheWayInOneStep) {
  Pressure pressure(1000, 1000);
  EXPECT_EQ(pressure.update(999, 0), Stage::cut);
  EXPECT_EQ(pressure.update(0, 0), Stage::calm);
}

TEST(Pressure, ConnectionsAloneAreShedAndNeverRefused) {
  Pressure pressure(1000, 100);
  EXPECT_EQ(pressure.update(0, 85), Stage::hurry);
  EXPECT_EQ(pressure.update(0, 92), Stage::shed);
  EXPECT_EQ(pressure.update(0, 101), Stage::shed);
  EXPECT_EQ(pressure.update(950, 101), Stage::refuse);
  EXPECT_EQ(pressure.update(0, 101), Stage::shed);
  EXPECT_EQ(pressure.update(0, 79), Stage::calm);
}

TEST(Pressure, OfASmallCapAFewAreNotYetMany) {
  Pressure pressure(1 << 20, 2);
  EXPECT_EQ(pressure.update(0, 1), Stage::calm);
  EXPECT_EQ(pressure.update(0, 2), Stage::shed);
}

TEST(Pressure, ACapOfAllThatCanBeCountedDoesNotOverflow) {
  Pressure pressure(static_cast<std::size_t>(-1), static_cast<std::size_t>(-1));
  EXPECT_EQ(pressure.update(std::size_t{1} << 50, 1 << 20), Stage::calm);
}

TEST(Pressure, EachStageIsDescribed) {
  for (std::size_t at = 0; at < stage_count; ++at) EXPECT_FALSE(describe(static_cast<Stage>(at)).empty());
}

}  // namespace
}  // namespace sallyport::proxy
