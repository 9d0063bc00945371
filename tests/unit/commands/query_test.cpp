// SPDX-License-Identifier: Apache-2.0
#include "commands/query.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string_view>

namespace sallyport::commands {
namespace {

TEST(Query, ParametersAreDecodedOnBothSides) {
  const Query query("na%6de=a+b%20c&url=http%3A%2F%2Fshop.test%2F%3Fx%3D1%26y&empty=&bare&=nameless");
  EXPECT_EQ(query.first("name"), "a b c");
  EXPECT_EQ(query.first("url"), "http://shop.test/?x=1&y");
  EXPECT_EQ(query.first("empty"), "");
  EXPECT_EQ(query.first("bare"), "");
  EXPECT_EQ(query.first(""), "nameless");
  EXPECT_EQ(query.first("none"), std::nullopt);
}

TEST(Query, SeveralOfANameStayInOrder) {
  const Query query("header=A:%201&x=y&header=B:%202");
  EXPECT_EQ(query.all("header"), (std::vector<std::string>{"A: 1", "B: 2"}));
  EXPECT_EQ(query.first("header"), "A: 1");
  EXPECT_TRUE(query.all("none").empty());
}

TEST(Query, APercentThatIsNoTripletStays) {
  const Query query("a=100%&b=%4&c=%zz&d=%+1");
  EXPECT_EQ(query.first("a"), "100%");
  EXPECT_EQ(query.first("b"), "%4");
  EXPECT_EQ(query.first("c"), "%zz");
  EXPECT_EQ(query.first("d"), "% 1");
}

TEST(Query, NamesThatAreUnknownOrComeTwiceAreTold) {
  constexpr std::array<std::string_view, 2> known = {"a", "b"};
  EXPECT_EQ(Query("a=1&b=2").misnamed(known), "");
  EXPECT_EQ(Query("").misnamed({}), "");
  EXPECT_EQ(Query("a=1&c=2").misnamed(known), "unknown parameter c; there are a, b");
  EXPECT_EQ(Query("a=1&%61=2").misnamed(known), "parameter a is given twice; there are a, b");
  EXPECT_EQ(Query("a=1&a=2").misnamed(known, "a"), "");
  EXPECT_EQ(Query("c").misnamed({}), "unknown parameter c; there are none");
}

TEST(Query, AnEmptyOneHasNothing) { EXPECT_EQ(Query("").first(""), std::nullopt); }

}  // namespace
}  // namespace sallyport::commands
