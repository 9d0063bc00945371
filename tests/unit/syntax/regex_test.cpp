// SPDX-License-Identifier: Apache-2.0
#include "syntax/regex.hpp"

#include <gtest/gtest.h>

#include <string>

namespace sallyport::syntax {
namespace {

bool fits(std::string_view pattern, std::string_view text, bool ignore_case = false) {
  const auto regex = Regex::compile(pattern, ignore_case);
  EXPECT_TRUE(regex) << pattern;
  return regex && regex->fits(text);
}

TEST(Regex, FitsTheWholeText) {
  EXPECT_TRUE(fits("/a[0-9]+", "/a17"));
  EXPECT_FALSE(fits("/a[0-9]+", "/a17/b"));
  EXPECT_FALSE(fits("/a[0-9]+", "x/a17"));
}

TEST(Regex, AlternativesAreOfTheWholePattern) {
  EXPECT_TRUE(fits("/a|/b", "/b"));
  EXPECT_FALSE(fits("/a|/b", "/ab"));
}

TEST(Regex, CaseIsIgnoredOnlyWhenAsked) {
  EXPECT_FALSE(fits("/shop", "/SHOP"));
  EXPECT_TRUE(fits("/shop", "/SHOP", true));
}

TEST(Regex, TellsWhatIsWrong) {
  const auto regex = Regex::compile("/a(");
  ASSERT_FALSE(regex);
  EXPECT_NE(regex.error().detail.find("missing )"), std::string::npos) << regex.error().detail;
}

TEST(Regex, CannotLeaveItsGroup) { EXPECT_FALSE(Regex::compile("a)|(b")); }

TEST(Regex, IsBoundedInSize) {
  EXPECT_FALSE(Regex::compile(std::string(max_regex_length + 1, 'a')));
  EXPECT_FALSE(Regex::compile("((a{100}){100}){100}"));
}

TEST(Regex, WhatIsTooLargeToBeAskedQuicklyIsRefused) {
  std::string words = "/(";
  for (int i = 0; i < 40; ++i) words += "word" + std::to_string(i) + "|";
  EXPECT_TRUE(Regex::compile(words + "last)/.*"));
  EXPECT_TRUE(Regex::compile("/api/v[0-9]+/users/[^/]+/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}"));
  for (const std::string_view large : {"[^/]{300}", "(\\pL{9}x){90}"}) {
    const auto regex = Regex::compile(large);
    ASSERT_FALSE(regex) << large;
    EXPECT_NE(regex.error().detail.find("may take 128 KiB"), std::string::npos) << regex.error().detail;
  }
}

TEST(Regex, BeginsPathsWithMoreThanTheSlash) {
  EXPECT_TRUE(Regex::compile("/a.*")->begins_path());
  EXPECT_FALSE(Regex::compile("/.*")->begins_path());
  EXPECT_FALSE(Regex::compile(".*a")->begins_path());
}

TEST(Regex, LiteralPrefixIsWhatEveryFittingTextBeginsWith) {
  EXPECT_EQ(Regex::compile("/api/v[0-9]+/users")->literal_prefix(), "/api/v");
  EXPECT_EQ(Regex::compile("/api")->literal_prefix(), "/api");
  EXPECT_EQ(Regex::compile("/a|/b")->literal_prefix(), "/");
  EXPECT_EQ(Regex::compile(".*")->literal_prefix(), "");
  EXPECT_EQ(Regex::compile("/api", true)->literal_prefix(), "");
}

}  // namespace
}  // namespace sallyport::syntax
