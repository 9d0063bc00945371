// SPDX-License-Identifier: Apache-2.0

#include "syntax/token.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace sallyport::syntax {
namespace {

TEST(Token, CharactersAreThoseOfRfc9110) {
  const std::string expected = "!#$%&'*+-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ^_`abcdefghijklmnopqrstuvwxyz|~";
  std::string got;
  for (int c = 0; c < 256; ++c) {
    if (is_token_char(static_cast<char>(c))) got += static_cast<char>(c);
  }
  EXPECT_EQ(got, expected);
}

TEST(Token, IsNotEmptyAndHasTokenCharactersOnly) {
  EXPECT_TRUE(is_token("x-A_1"));
  EXPECT_FALSE(is_token(""));
  EXPECT_FALSE(is_token("a b"));
  EXPECT_FALSE(is_token("a:"));
  EXPECT_FALSE(is_token(std::string_view("a\0", 2)));
}

// Every byte at every place of values shorter than, as long as, and longer than a block of 16.
TEST(FieldValue, RefusesControlsAtEveryPlace) {
  for (const std::size_t size : {1u, 2u, 15u, 16u, 17u, 31u, 32u, 33u, 50u}) {
    std::string value(size, 'a');
    EXPECT_TRUE(is_field_value(value));
    for (std::size_t at = 0; at < size; ++at) {
      for (int c = 0; c < 256; ++c) {
        value[at] = static_cast<char>(c);
        const bool expected = c == '\t' || (c >= 0x20 && c != 0x7f);
        ASSERT_EQ(is_field_value(value), expected) << c << " at " << at << " of " << size;
      }
      value[at] = 'a';
    }
  }
}

TEST(FieldValue, MayBeEmpty) { EXPECT_TRUE(is_field_value("")); }

TEST(TrimOws, TakesSpacesAndTabsFromBothEndsOnly) {
  EXPECT_EQ(trim_ows(" \t a b\t "), "a b");
  EXPECT_EQ(trim_ows("a"), "a");
  EXPECT_EQ(trim_ows(" \t"), "");
  EXPECT_EQ(trim_ows(""), "");
  EXPECT_EQ(trim_ows("\na\r"), "\na\r");
}

TEST(IgnoreCase, FoldsAsciiLettersOnly) {
  EXPECT_TRUE(equals_ignore_case("Keep-Alive", "kEEP-aLIVE"));
  EXPECT_FALSE(equals_ignore_case("a", "ab"));
  EXPECT_FALSE(equals_ignore_case("@", "`"));  // 0x20 apart, as letters are
  EXPECT_FALSE(equals_ignore_case("[", "{"));
  EXPECT_FALSE(equals_ignore_case("\xc0", "\xe0"));
  EXPECT_TRUE(equals_ignore_case("", ""));
}

TEST(Lower, FoldsAsciiLettersOnly) {
  EXPECT_EQ(lower("ABC-Z@[_\xc0"), "abc-z@[_\xc0");
  EXPECT_EQ(lower(""), "");
}

std::vector<std::string_view> items(std::string_view list) {
  std::vector<std::string_view> all;
  for_each_list_item(list, [&](std::string_view item) { all.push_back(item); });
  return all;
}

TEST(List, ItemsAreTrimmedAndEmptyOnesSkipped) {
  using Items = std::vector<std::string_view>;
  EXPECT_EQ(items("close"), Items({"close"}));
  EXPECT_EQ(items("a, b\t,c "), Items({"a", "b", "c"}));
  EXPECT_EQ(items(", ,a,,\t,b,"), Items({"a", "b"}));
  EXPECT_EQ(items(""), Items());
  EXPECT_EQ(items(" , "), Items());
}

}  // namespace
}  // namespace sallyport::syntax
