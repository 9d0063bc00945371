// SPDX-License-Identifier: Apache-2.0

#include "base/result.hpp"

#include <gtest/gtest.h>

namespace sallyport {
namespace {

Result<int> half(int number) {
  if (number % 2 != 0) return fail(Code::bad_request, "H1-1", "odd");
  return number / 2;
}

TEST(Result, IsAValueOrTheError) {
  EXPECT_EQ(half(4), 2);
  const auto odd = half(3);
  ASSERT_FALSE(odd);
  EXPECT_EQ(odd.error().code, Code::bad_request);
  EXPECT_STREQ(odd.error().rule, "H1-1");
  EXPECT_EQ(odd.error().detail, "odd");
  EXPECT_FALSE(odd.error().retry_safe);
}

TEST(Result, InvalidNamesNoRule) {
  const Error error = invalid("why");
  EXPECT_EQ(error.code, Code::invalid);
  EXPECT_STREQ(error.rule, "");
  EXPECT_EQ(error.detail, "why");
}

}  // namespace
}  // namespace sallyport
