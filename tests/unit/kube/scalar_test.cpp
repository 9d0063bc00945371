// SPDX-License-Identifier: Apache-2.0

#include "kube/scalar.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace sallyport::kube::scalar {
namespace {

TEST(Scalar, NullIsEmptyTildeOrTheWord) {
  for (const char* text : {"", "~", "null", "Null", "NULL"}) EXPECT_TRUE(is_null(text)) << text;
  for (const char* text : {"nUll", "nil", "none", "0"}) EXPECT_FALSE(is_null(text)) << text;
}

TEST(Scalar, BooleansAreThoseOfYaml11) {
  for (const char* text : {"true", "True", "TRUE", "yes", "on", "ON", "y", "Y"}) EXPECT_EQ(boolean(text), true) << text;
  for (const char* text : {"false", "no", "No", "off", "n"}) EXPECT_EQ(boolean(text), false) << text;
  for (const char* text : {"tRue", "1", "0", "", "oN", "yess"}) EXPECT_EQ(boolean(text), std::nullopt) << text;
}

TEST(Scalar, OnlyTrueAndFalseAreNeverATextToo) {
  EXPECT_TRUE(is_core_boolean("False"));
  EXPECT_FALSE(is_core_boolean("off"));
}

TEST(Scalar, NumbersAreThoseOfYaml11WithoutBase60) {
  for (const char* text : {"0", "80", "-1", "+1", "1_000", "1.5", ".5", "1.", "1e3", "1E-3", "0x1F", "0b11", "0o17",
                           "017", ".inf", "-.Inf", ".nan"}) {
    EXPECT_TRUE(is_number(text)) << text;
  }
  for (const char* text :
       {"", "-", ".", "e3", "1e", "1.2.3", "10.0.0.1", "12:30", "0x", "0xG", "1a", "v1", "_1", "-.nan"}) {
    EXPECT_FALSE(is_number(text)) << text;
  }
}

TEST(Scalar, WholeNumbersHaveNoSignAndNoLeadingZero) {
  EXPECT_EQ(whole_number("0"), 0U);
  EXPECT_EQ(whole_number("8080"), 8080U);
  for (const char* text : {"", "080", "00", "+1", "-1", "1.0", "0x10", "1_000", "99999999999999999999"}) {
    EXPECT_EQ(whole_number(text), std::nullopt) << text;
  }
}

TEST(Scalar, SignedNumbersHaveAMinusOrNothing) {
  EXPECT_EQ(signed_number("0"), 0);
  EXPECT_EQ(signed_number("-0"), 0);
  EXPECT_EQ(signed_number("8080"), 8080);
  EXPECT_EQ(signed_number("-8080"), -8080);
  EXPECT_EQ(signed_number("9223372036854775807"), std::numeric_limits<std::int64_t>::max());
  for (const char* text : {"", "-", "--1", "+1", "-080", "-1.0", "9223372036854775808", "-99999999999999999999"}) {
    EXPECT_EQ(signed_number(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace sallyport::kube::scalar
