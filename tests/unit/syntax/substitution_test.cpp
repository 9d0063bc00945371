// SPDX-License-Identifier: Apache-2.0
#include "syntax/substitution.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "syntax/regex.hpp"

namespace sallyport::syntax {
namespace {

std::string replaced(std::string_view regex, std::string_view by, std::string_view text) {
  const auto made = Substitution::compile(regex, by);
  if (!made) return "refused: " + made.error().detail;
  const auto size = made->apply(text, {});
  if (!size) return "too many places";
  std::vector<char> room(*size);
  EXPECT_EQ(made->apply(text, room), size);
  return {room.begin(), room.end()};
}

std::string error_of(std::string_view regex, std::string_view by) {
  const auto made = Substitution::compile(regex, by);
  return made ? "" : made.error().detail;
}

TEST(Substitution, ReplacesEveryPlaceFromLeftToRight) {
  EXPECT_EQ(replaced("b", "x", "/abcb"), "/axcx");
  EXPECT_EQ(replaced("aa", "x", "/aaa"), "/xa");
  EXPECT_EQ(replaced("a|ab", "x", "/ab"), "/xb");  // the first alternative, not the longest
  EXPECT_EQ(replaced("z", "x", "/ab"), "/ab");
  EXPECT_EQ(replaced("b", "", "/abc"), "/ac");
}

TEST(Substitution, GroupsAreNamedByTheirNumbers) {
  EXPECT_EQ(replaced("^/user/([0-9]+)/(.*)$", "/\\2/of/\\1", "/user/7/cart"), "/cart/of/7");
  EXPECT_EQ(replaced("[0-9]", "<\\0>", "/a1b2"), "/a<1>b<2>");
  EXPECT_EQ(replaced("(a)(b)(c)(d)(e)(f)(g)(h)(i)", "\\9\\1", "abcdefghi"), "ia");
  EXPECT_EQ(replaced("(a)", "\\11", "a"), "a1");  // one digit
}

TEST(Substitution, AGroupThatTookNoPartIsNothing) {
  EXPECT_EQ(replaced("^/(a)?b(c)?$", "/[\\1][\\2]", "/bc"), "/[][c]");
  EXPECT_EQ(replaced("(a)|b", "<\\1>", "ab"), "<a><>");
}

TEST(Substitution, ARepeatedGroupIsItsLastRound) { EXPECT_EQ(replaced("(?:/([a-z]))+", "\\1", "/a/b/c"), "c"); }

TEST(Substitution, BeginAndEndAreThoseOfTheText) {
  EXPECT_EQ(replaced("^/a", "", "/a/a/a"), "/a/a");
  EXPECT_EQ(replaced("/a$", "", "/a/a/a"), "/a/a");
  EXPECT_EQ(replaced("\\ba", "x", "/aa-a"), "/xa-x");
}

// What other programs give: an empty place directly behind another one is none.
TEST(Substitution, EmptyPlacesAreReplacedToo) {
  EXPECT_EQ(replaced("x*", "-", "axb"), "-a-b-");
  EXPECT_EQ(replaced("^", "/v1", "/a"), "/v1/a");
  EXPECT_EQ(replaced("$", "/", "/a"), "/a/");
  EXPECT_EQ(replaced("", "-", ""), "-");
}

TEST(Substitution, WritesNothingBeyondTheRoom) {
  const auto made = Substitution::compile("b", "xyz");
  ASSERT_TRUE(made);
  std::string room(8, '.');
  EXPECT_EQ(made->apply("abc", std::span(room).first(3)), 5U);
  EXPECT_EQ(room, "axy.....");
}

TEST(Substitution, ATextWithTooManyPlacesHasNone) {
  EXPECT_EQ(replaced("a", "b", std::string(max_substituted_places, 'a')), std::string(max_substituted_places, 'b'));
  EXPECT_EQ(replaced("a", "b", std::string(max_substituted_places + 1, 'a')), "too many places");
}

TEST(Substitution, RefusesWhatIsNoExpression) {
  EXPECT_NE(error_of("(a", "x").find("\"(a\" is no regular expression"), std::string::npos);
  EXPECT_NE(error_of("a(?=b)", "x").find("no regular expression"), std::string::npos);
  EXPECT_NE(error_of(std::string(max_regex_length + 1, 'a'), "x"), "");
  EXPECT_NE(error_of("(((a{100}){100}){100})", "x"), "");
}

TEST(Substitution, RefusesGroupsThatAreNotThere) {
  EXPECT_EQ(error_of("(a)(b)", "\\2\\1"), "");
  EXPECT_EQ(error_of("(a)(b)", "\\3"), "\"\\3\" asks for group 3, and the expression has 2");
  EXPECT_EQ(error_of("(?:a)", "\\1"), "\"\\1\" asks for group 1, and the expression has 0");
  EXPECT_EQ(error_of("a", "\\0"), "");
}

TEST(Substitution, RefusesABackslashWithoutADigit) {
  for (const std::string_view by : {"a\\", "\\\\", "\\n", "\\&", "\\g1"}) {
    EXPECT_NE(error_of("(a)", by).find("has a '\\' without the number of a group"), std::string::npos) << by;
  }
  EXPECT_NE(error_of("a", std::string(max_substitution_length + 1, 'x')), "");
}

TEST(Substitution, EqualOnesHaveTheSameTexts) {
  const auto one = Substitution::compile("(a)", "\\1");
  EXPECT_TRUE(*one == *Substitution::compile("(a)", "\\1"));
  EXPECT_FALSE(*one == *Substitution::compile("(a)", "\\0"));
  EXPECT_FALSE(*one == *Substitution::compile("(b)", "\\1"));
}

}  // namespace
}  // namespace sallyport::syntax
