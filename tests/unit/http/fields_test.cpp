// SPDX-License-Identifier: Apache-2.0
#include "http/fields.hpp"

#include <gtest/gtest.h>

#include <string>

namespace sallyport::http {
namespace {

TEST(Fields, KeptTextsOutliveWhatTheyWerePartOf) {
  Arena arena;
  Fields fields(arena);
  std::string name = "X-One";
  std::string value = "1";
  ASSERT_TRUE(fields.add(name, value));
  ASSERT_TRUE(fields.add("Accept", ""));
  ASSERT_TRUE(fields.keep_texts());
  name = value = "overwritten";
  EXPECT_EQ(fields.begin()[0].name, "X-One");
  EXPECT_EQ(fields.begin()[0].value, "1");
  EXPECT_EQ(fields.value(syntax::HeaderId::accept), "");
  EXPECT_EQ(fields.size(), 2U);
}

TEST(Fields, TextsStayWhereTheyAreWhenThereIsNoRoom) {
  Arena arena;
  Fields fields(arena);
  const std::string value(std::size_t{64} * 1024, 'v');
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(fields.add("X-Long", value));
  EXPECT_FALSE(fields.keep_texts());
  EXPECT_EQ(fields.begin()->value.data(), value.data());
}

}  // namespace
}  // namespace sallyport::http
