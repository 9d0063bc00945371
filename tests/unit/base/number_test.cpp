// SPDX-License-Identifier: Apache-2.0

#include "base/number.hpp"

#include <gtest/gtest.h>

#include <cstdint>

namespace sallyport {
namespace {

TEST(Number, TheWholeTextMustBeDigits) {
  EXPECT_EQ(parse_decimal<std::uint32_t>("0"), 0u);
  EXPECT_EQ(parse_decimal<std::uint32_t>("0042"), 42u);
  EXPECT_EQ(parse_hex<std::uint32_t>("fF"), 255u);
  for (const auto* text : {"", "+1", "-1", " 1", "1 ", "1_0", "0x1", "1.0", "1a"}) {
    EXPECT_FALSE(parse_decimal<std::uint32_t>(text)) << text;
  }
  EXPECT_FALSE(parse_hex<std::uint32_t>("0x1"));
  EXPECT_FALSE(parse_hex<std::uint32_t>("g"));
}

TEST(Number, OverflowIsNoValue) {
  EXPECT_EQ(parse_decimal<std::uint16_t>("65535"), 65535);
  EXPECT_FALSE(parse_decimal<std::uint16_t>("65536"));
  EXPECT_EQ(parse_decimal<std::uint64_t>("18446744073709551615"), UINT64_MAX);
  EXPECT_FALSE(parse_decimal<std::uint64_t>("18446744073709551616"));
  EXPECT_EQ(parse_hex<std::uint64_t>("ffffffffffffffff"), UINT64_MAX);
  EXPECT_FALSE(parse_hex<std::uint64_t>("10000000000000000"));
}

}  // namespace
}  // namespace sallyport
