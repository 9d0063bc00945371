// SPDX-License-Identifier: Apache-2.0

#include "syntax/path.hpp"

#include <gtest/gtest.h>

#include <array>
#include <random>
#include <string>
#include <vector>

namespace sallyport::syntax {
namespace {

using namespace std::literals;

constexpr PathOptions by_default = {};
constexpr PathOptions kept_slash = {.keep_encoded_slash = true};
constexpr PathOptions unmerged = {.merge_slashes = false};

// The canonical text, or "!" and the refusal.
std::string outcome(std::string_view raw, const PathOptions& options = by_default) {
  std::vector<char> room(raw.size() * 3);
  const auto path = canonical_path(raw, options, room);
  if (path) return std::string(*path);
  EXPECT_EQ(path.error().code, Code::bad_path) << raw;
  EXPECT_STREQ(path.error().rule, "H1-20") << raw;
  return "!" + path.error().detail;
}

struct Case {
  std::string_view raw;
  std::string_view expected;  // "!": refused, with a detail that holds what follows
  PathOptions options = by_default;
};

void expect_outcomes(std::span<const Case> cases) {
  for (const Case& one : cases) {
    const std::string got = outcome(one.raw, one.options);
    if (one.expected.starts_with('!')) {
      EXPECT_TRUE(got.starts_with('!')) << one.raw << " gave " << got;
      EXPECT_NE(got.find(one.expected.substr(1)), got.npos) << one.raw << " gave " << got;
    } else {
      EXPECT_EQ(got, one.expected) << one.raw;
    }
  }
}

TEST(CanonicalPath, KeepsWhatIsCanonical) {
  expect_outcomes(std::to_array<Case>({
      {"/", "/"},
      {"/a", "/a"},
      {"/a/", "/a/"},
      {"/a/b/c", "/a/b/c"},
      {"/A/b", "/A/b"},
      {"/.well-known/acme-challenge/x", "/.well-known/acme-challenge/x"},
      {"/..a", "/..a"},
      {"/a..", "/a.."},
      {"/a.", "/a."},
      {"/...", "/..."},
      {"/.../a", "/.../a"},
      {"/a/.b/..c/d", "/a/.b/..c/d"},
      {"/a;b=c", "/a;b=c"},
      {"/;", "/;"},
      {"/a..;b/c", "/a..;b/c"},
      {"/...;x", "/...;x"},
      {"/a:b@c", "/a:b@c"},
      {"/!$&'()*+,;=:@-._~", "/!$&'()*+,;=:@-._~"},
      {"/%C3%A9", "/%C3%A9"},
      {"/%25", "/%25"},
      {"/%3A%40", "/%3A%40"},
  }));
}

TEST(CanonicalPath, DecodesUnreservedTripletsOnly) {
  expect_outcomes(std::to_array<Case>({
      {"/%61dmin", "/admin"},
      {"/%41dmin", "/Admin"},
      {"/admi%6e", "/admin"},
      {"/admi%6E", "/admin"},
      {"/%61%64%6d%69%6e", "/admin"},
      {"/%30%39", "/09"},
      {"/%7Euser", "/~user"},
      {"/%7euser", "/~user"},
      {"/a%2Db", "/a-b"},
      {"/a%5Fb", "/a_b"},
      {"/a%2Eb", "/a.b"},
      {"/%20", "/%20"},
      {"/a%3Bb", "/a%3Bb"},
      {"/a%3Fb", "/a%3Fb"},
      {"/a%23b", "/a%23b"},
      {"/a%2Bb", "/a%2Bb"},
      {"/a%26b", "/a%26b"},
      {"/a%0Ab", "/a%0Ab"},
      {"/a%7Fb", "/a%7Fb"},
      {"/%FF", "/%FF"},
      {"/%C0%AE%C0%AE/a", "/%C0%AE%C0%AE/a"},
  }));
}

TEST(CanonicalPath, NeverDecodesTwice) {
  expect_outcomes(std::to_array<Case>({
      {"/%2561dmin", "/%2561dmin"},
      {"/%252e%252e/admin", "/%252e%252e/admin"},
      {"/%252f", "/%252f"},
      {"/%2500", "/%2500"},
      {"/%255c", "/%255c"},
      {"/%25%36%31", "/%2561"},
      {"/%25%32%65/a", "/%252e/a"},
      {"/%2525", "/%2525"},
  }));
}

TEST(CanonicalPath, WritesTripletsInUpperCase) {
  expect_outcomes(std::to_array<Case>({
      {"/%c3%a9", "/%C3%A9"},
      {"/%c3%A9", "/%C3%A9"},
      {"/%3a", "/%3A"},
      {"/%3b", "/%3B"},
      {"/%e2%82%ac", "/%E2%82%AC"},
      {"/%7b%7d", "/%7B%7D"},
  }));
}

TEST(CanonicalPath, EncodesWhatHasNoPlaceInAPath) {
  expect_outcomes(std::to_array<Case>({
      {"/a|b", "/a%7Cb"},
      {"/a%7cb", "/a%7Cb"},
      {"/{id}", "/%7Bid%7D"},
      {"/[0]", "/%5B0%5D"},
      {"/<a>", "/%3Ca%3E"},
      {"/\"a\"", "/%22a%22"},
      {"/^", "/%5E"},
      {"/`", "/%60"},
      {"/|||||||||", "/%7C%7C%7C%7C%7C%7C%7C%7C%7C"},
  }));
}

TEST(CanonicalPath, RemovesDotSegments) {
  expect_outcomes(std::to_array<Case>({
      {"/.", "/"},
      {"/./", "/"},
      {"/./a", "/a"},
      {"/a/.", "/a/"},
      {"/a/./b", "/a/b"},
      {"/a/..", "/"},
      {"/a/../", "/"},
      {"/a/../b", "/b"},
      {"/a/b/..", "/a/"},
      {"/a/b/../", "/a/"},
      {"/a/b/../../c", "/c"},
      {"/a/b/../c/./d/..", "/a/c/"},
      {"/a/b/c/../../../d", "/d"},
      {"/././././a", "/a"},
      {"/a/.../..", "/a/"},
      {"/public/../admin", "/admin"},
      {"/.a/../b", "/b"},
  }));
}

TEST(CanonicalPath, RemovesEncodedDotSegments) {
  expect_outcomes(std::to_array<Case>({
      {"/%2e", "/"},
      {"/%2E/a", "/a"},
      {"/a/%2e%2e/b", "/b"},
      {"/a/%2E%2E/b", "/b"},
      {"/a/.%2e/b", "/b"},
      {"/a/%2e./b", "/b"},
      {"/a/%2E.", "/"},
      {"/a/%2e%2E", "/"},
      {"/public/%2e%2e/%61dmin", "/admin"},
      {"/a/%2e%2e%2e/b", "/a/.../b"},
  }));
}

TEST(CanonicalPath, RefusesToClimbAboveTheRoot) {
  expect_outcomes(std::to_array<Case>({
      {"/..", "!climbs above its root"},
      {"/../", "!climbs above its root"},
      {"/../a", "!climbs above its root"},
      {"/a/../..", "!climbs above its root"},
      {"/a/../../b", "!climbs above its root"},
      {"/./..", "!climbs above its root"},
      {"/%2e%2e", "!climbs above its root"},
      {"/.%2E/a", "!climbs above its root"},
      {"/a/b/../../../c", "!climbs above its root"},
      {"/../a", "!climbs above its root", unmerged},
  }));
}

TEST(CanonicalPath, RefusesDotSegmentsWithParameters) {
  expect_outcomes(std::to_array<Case>({
      {"/a/..;/b", "!parameters"},
      {"/a/..;x=1/b", "!parameters"},
      {"/a/..;", "!parameters"},
      {"/a/.;/b", "!parameters"},
      {"/.;", "!parameters"},
      {"/..;/a", "!parameters"},
      {"/a/%2e%2e;/b", "!parameters"},
      {"/a/.%2e;x/b", "!parameters"},
      {"/a/..%3B/b", "!parameters"},
      {"/a/..%3bx/b", "!parameters"},
      {"/a/%2E%2E%3Bx/b", "!parameters"},
      {"/a/%2e%3b", "!parameters"},
  }));
}

TEST(CanonicalPath, MergesSlashesIfAsked) {
  expect_outcomes(std::to_array<Case>({
      {"//", "/"},
      {"//a", "/a"},
      {"/a//b", "/a/b"},
      {"/a///b////", "/a/b/"},
      {"/a//", "/a/"},
      {"//a//b//", "/a/b/"},
      {"/a/.//b", "/a/b"},
      {"//", "//", unmerged},
      {"//a", "//a", unmerged},
      {"/a//b", "/a//b", unmerged},
      {"/a///b/", "/a///b/", unmerged},
      {"/%61//b", "/a//b", unmerged},
      {"/.//a", "//a", unmerged},
  }));
}

TEST(CanonicalPath, RemovesDotSegmentsBeforeItMergesSlashes) {
  expect_outcomes(std::to_array<Case>({
      {"/a//../b", "/a/b"},
      {"/a//../b", "/a/b", unmerged},
      {"/a//..", "/a/"},
      {"//..", "/"},
      {"/a/..//b", "/b"},
      {"/a/..//b", "//b", unmerged},
      {"/a//../../b", "/b"},
  }));
}

TEST(CanonicalPath, RefusesEncodedSlashesUnlessKept) {
  expect_outcomes(std::to_array<Case>({
      {"/a%2Fb", "!--encoded-slash"},
      {"/a%2fb", "!--encoded-slash"},
      {"/%2F", "!--encoded-slash"},
      {"/a/..%2fb", "!--encoded-slash"},
      {"/a%2Fb", "/a%2Fb", kept_slash},
      {"/a%2fb", "/a%2Fb", kept_slash},
      {"/%2F", "/%2F", kept_slash},
      {"/%2f%2F", "/%2F%2F", kept_slash},
      {"/group%2Fproject/%61", "/group%2Fproject/a", kept_slash},
      {"/a%2Fb/../c", "/c", kept_slash},
      {"/a%2F...%2Fb", "/a%2F...%2Fb", kept_slash},
  }));
}

TEST(CanonicalPath, RefusesDotSegmentsBesideAKeptSlash) {
  expect_outcomes(std::to_array<Case>({
      {"/a/..%2Fb", "!beside an encoded slash", kept_slash},
      {"/a%2F..", "!beside an encoded slash", kept_slash},
      {"/a%2f%2e%2e%2fb", "!beside an encoded slash", kept_slash},
      {"/a%2F.%2Fb", "!beside an encoded slash", kept_slash},
      {"/a%2F..;x/b", "!beside an encoded slash", kept_slash},
      {"/%2F..%3B", "!beside an encoded slash", kept_slash},
  }));
}

TEST(CanonicalPath, RefusesBackslashes) {
  expect_outcomes(std::to_array<Case>({
      {"/a\\b", "!a backslash"},
      {"/\\", "!a backslash"},
      {"/a/..\\b", "!a backslash"},
      {"/a%5Cb", "!an encoded backslash"},
      {"/a%5cb", "!an encoded backslash"},
      {"/..%5c..%5c", "!an encoded backslash"},
      {"/a%5Cb", "!an encoded backslash", kept_slash},
  }));
}

TEST(CanonicalPath, RefusesEncodedNul) {
  expect_outcomes(std::to_array<Case>({
      {"/%00", "!%00"},
      {"/a%00.png", "!%00"},
      {"/a%00/../b", "!%00"},
  }));
}

TEST(CanonicalPath, RefusesBadTriplets) {
  expect_outcomes(std::to_array<Case>({
      {"/%", "!two hex digits"},
      {"/%4", "!two hex digits"},
      {"/a%", "!two hex digits"},
      {"/%zz", "!two hex digits"},
      {"/%4g", "!two hex digits"},
      {"/%g4", "!two hex digits"},
      {"/%%41", "!two hex digits"},
      {"/% 1", "!two hex digits"},
      {"/%u0041", "!two hex digits"},
      {"/%-1", "!two hex digits"},
      {"/%4/1", "!two hex digits"},
  }));
}

TEST(CanonicalPath, RefusesBytesThatNoTargetMayHave) {
  expect_outcomes(std::to_array<Case>({
      {"/a b", "!a space"},
      {"/a#b", "!'#'"},
      {"/a?b", "!'?'"},
      {"/a\tb", "!a control"},
      {"/a\nb", "!a control"},
      {"/a\rb", "!a control"},
      {"/a\x7f", "!a control"},
      {"/a\x01", "!a control"},
      {"/a\0b"sv, "!a control"},
      {"/\xc3\xa9", "!0x80"},
      {"/\x80", "!0x80"},
      {"/\xff", "!0x80"},
  }));
}

TEST(CanonicalPath, RefusesWhatDoesNotBeginWithASlash) {
  expect_outcomes(std::to_array<Case>({
      {"", "!begin"},
      {"a", "!begin"},
      {"*", "!begin"},
      {"%2Fa", "!begin", kept_slash},
      {"../a", "!begin"},
      {"http://a/", "!begin"},
  }));
}

TEST(CanonicalPath, RefusesEveryByteThatIsNotPrintableAscii) {
  for (int c = 0; c < 256; ++c) {
    if (c > 0x20 && c < 0x7f) continue;
    EXPECT_TRUE(outcome(std::string("/a") + static_cast<char>(c)).starts_with('!')) << c;
  }
}

TEST(CanonicalPath, GivesTheInputItselfWhenItIsCanonical) {
  for (const std::string_view raw : {"/"sv, "/a/b"sv, "/%C3%A9"sv, "/.well-known/x"sv}) {
    const auto path = canonical_path(raw, by_default, {});  // no room: nothing is written
    ASSERT_TRUE(path) << raw;
    EXPECT_EQ(path->data(), raw.data());
  }
  std::array<char, 64> room{};
  const std::string_view kept = "/a%2Fb";
  EXPECT_EQ(canonical_path(kept, kept_slash, room)->data(), kept.data());
}

TEST(CanonicalPath, TooLittleRoomIsAnInternalError) {
  std::array<char, 8> room{};
  const auto path = canonical_path("/a|", by_default, room);
  ASSERT_FALSE(path);
  EXPECT_EQ(path.error().code, Code::internal);
  std::array<char, 9> enough{};
  EXPECT_EQ(canonical_path("/a|", by_default, enough).value_or(""), "/a%7C");
}

// Pieces that meet in every order find what a table does not.
std::string random_path(std::mt19937& random) {
  static constexpr auto pieces =
      std::to_array<std::string_view>({"/",   "/",   "/",   ".", "..", "%2e", "%2E", "a", "B", "%61", "%2f",
                                       "%2F", "%25", "%3b", ";", "|",  "%7c", "%c3", "~", "%", "\\",  "é"});
  std::string path = "/";
  for (auto count = random() % 12; count > 0; --count) path += pieces[random() % pieces.size()];
  return path;
}

TEST(CanonicalPath, CanonicalOfCanonicalIsItself) {
  std::mt19937 random(20251124);
  int accepted = 0;
  for (int round = 0; round < 200'000; ++round) {
    const std::string raw = random_path(random);
    const PathOptions options = {.keep_encoded_slash = (random() & 1) != 0, .merge_slashes = (random() & 1) != 0};
    std::vector<char> room(raw.size() * 3);
    const auto once = canonical_path(raw, options, room);
    if (!once) continue;
    ++accepted;
    std::vector<char> other_room(once->size() * 3);
    const auto twice = canonical_path(*once, options, other_room);
    ASSERT_TRUE(twice) << raw << " gave " << *once;
    ASSERT_EQ(*twice, *once) << raw;
    ASSERT_EQ(twice->data(), once->data()) << raw;
    const std::string bounded = std::string(*once) + "/";
    ASSERT_EQ(bounded.find("/../"), bounded.npos) << raw << " gave " << *once;
    ASSERT_EQ(bounded.find("/./"), bounded.npos) << raw << " gave " << *once;
    if (options.merge_slashes) {
      ASSERT_EQ(once->find("//"), once->npos) << raw << " gave " << *once;
    }
  }
  EXPECT_GT(accepted, 10'000);
}

}  // namespace
}  // namespace sallyport::syntax
