// SPDX-License-Identifier: Apache-2.0

#include "base/text.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>

namespace sallyport::text {
namespace {

TEST(Text, CatGluesTextsAndIntegers) {
  EXPECT_EQ(cat("a", std::string("b"), std::string_view("c"), 0, -7, 42u), "abc0-742");
  EXPECT_EQ(cat(std::numeric_limits<std::int64_t>::min(), "|", std::numeric_limits<std::uint64_t>::max()),
            "-9223372036854775808|18446744073709551615");
  EXPECT_EQ(cat(""), "");
}

TEST(Text, JoinPutsTheTextBetween) {
  const std::vector<std::string> texts = {"a", "", "c"};
  EXPECT_EQ(join(texts, ", "), "a, , c");
  EXPECT_EQ(join(std::vector<std::string>(), ", "), "");
}

TEST(Text, SplitKeepsEmptyParts) {
  using Parts = std::vector<std::string_view>;
  EXPECT_EQ(split("a,b,,c", ','), Parts({"a", "b", "", "c"}));
  EXPECT_EQ(split("", ','), Parts({""}));
  EXPECT_EQ(split(",", ','), Parts({"", ""}));
}

}  // namespace
}  // namespace sallyport::text
