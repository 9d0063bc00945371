// SPDX-License-Identifier: Apache-2.0
#include "base/hex.hpp"

#include <gtest/gtest.h>

#include <array>

namespace sallyport {
namespace {

TEST(Hex, HasTwoDigitsAByte) {
  const std::array<unsigned char, 4> bytes = {0x00, 0x0f, 0xa5, 0xff};
  EXPECT_EQ(hex(bytes), "000fa5ff");
  EXPECT_EQ(hex({}), "");
}

}  // namespace
}  // namespace sallyport
