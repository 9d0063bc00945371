// SPDX-License-Identifier: Apache-2.0
#include "dialects/gate_route/literals.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "syntax/regex.hpp"

namespace sallyport::dialects::gate_route {
namespace {

TEST(LiteralBeginning, IsWhatIsPlainToSee) {
  for (const auto& [regex, literal] : {
           std::pair("/a.*", "/a"),
           std::pair("^/a$", "/a"),
           std::pair("/a\\.b/[0-9]", "/a.b/"),
           std::pair("/ab*", "/a"),
           std::pair("/ab?", "/a"),
           std::pair("/ab{2}", "/a"),
           std::pair("/ab+", "/ab"),
           std::pair("/\xc3\xa9*", "/"),
           std::pair("/a\\d", "/a"),
           std::pair("/a(b)", "/a"),
           std::pair("/a|/b", ""),
           std::pair("(?i)/a", ""),
           std::pair(".*", ""),
           std::pair("\\", ""),
       }) {
    EXPECT_EQ(literal_beginning(regex), literal) << regex;
  }
}

TEST(LiteralBeginning, IsOfEverythingThatFits) {
  for (const auto& [regex, text] : {
           std::pair("/ab?c", "/ac"),
           std::pair("/a\\+b", "/a+b"),
           std::pair("/a\\\\b", "/a\\b"),
           std::pair("/a{0,1}b", "/b"),
           std::pair("/\xc3\xa9?x", "/x"),
       }) {
    const auto compiled = syntax::Regex::compile(regex);
    ASSERT_TRUE(compiled.has_value()) << regex;
    EXPECT_TRUE(compiled->fits(text)) << regex;
    EXPECT_TRUE(std::string(text).starts_with(literal_beginning(regex))) << regex;
  }
}

bool fits_none(std::string regex, bool ignore_case = false, const syntax::PathOptions& options = {}) {
  return fits_no_path({.kind = model::PathMatch::Kind::regex, .value = std::move(regex), .ignore_case = ignore_case},
                      options);
}

TEST(FitsNoPath, IfItBeginsAsNoCanonicalPathDoes) {
  for (const char* regex :
       {"/a/\\.\\./b", "/\\./a", "a/b", "/%7Ea", "/a b", "/a%2fb", "/a//b", "/a\\?b", "/\xc3\xa9"}) {
    EXPECT_TRUE(fits_none(regex)) << regex;
  }
  EXPECT_TRUE(fits_none("A", true));
}

TEST(FitsNoPath, NotIfItMay) {
  for (const char* regex :
       {"/a/../b", "/a\\.", "/a/\\.\\.", "/a%", "/a%2", "/a%3B", "/", "", ".*", "x?/a", "/a|b", "/~a"}) {
    EXPECT_FALSE(fits_none(regex)) << regex;
  }
  EXPECT_FALSE(fits_none("/A%3b", true)) << "which has a case only where case counts";
  EXPECT_FALSE(fits_none("/a//b", false, {.merge_slashes = false}));
  EXPECT_FALSE(fits_none("/a%2Fb", false, {.keep_encoded_slash = true}));
  EXPECT_FALSE(fits_no_path({.kind = model::PathMatch::Kind::exact, .value = "a"}, {}));
}

}  // namespace
}  // namespace sallyport::dialects::gate_route
