// SPDX-License-Identifier: Apache-2.0

#include "syntax/host.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "base/text.hpp"

namespace sallyport::syntax {
namespace {

using namespace std::literals;

// "host" or "host|port"; "!" and the reason if it is refused.
std::string outcome(std::string_view text) {
  std::array<char, authority_room> room{};
  const auto authority = canonical_authority(text, room);
  if (authority) {
    return authority->port == 0 ? std::string(authority->host) : text::cat(authority->host, "|", authority->port);
  }
  EXPECT_EQ(authority.error().code, Code::bad_request) << text;
  EXPECT_STREQ(authority.error().rule, "H1-9") << text;
  return "!" + authority.error().detail;
}

TEST(Authority, H1_9_NamesAreLowerCased) {
  EXPECT_EQ(outcome("example.com"), "example.com");
  EXPECT_EQ(outcome("EXAMPLE.Com"), "example.com");
  EXPECT_EQ(outcome("a_b-c.example"), "a_b-c.example");
  EXPECT_EQ(outcome("localhost"), "localhost");
  EXPECT_EQ(outcome("LocalHost:8080"), "localhost|8080");
}

TEST(Authority, H1_9_OneTrailingDotIsRemoved) {
  EXPECT_EQ(outcome("example.com."), "example.com");
  EXPECT_EQ(outcome("Example.com.:80"), "example.com|80");
  EXPECT_EQ(outcome("192.0.2.1."), "192.0.2.1");
  EXPECT_TRUE(outcome("example.com..").starts_with('!'));
  EXPECT_TRUE(outcome(".").starts_with('!'));
}

TEST(Authority, H1_9_PortIs1To65535) {
  EXPECT_EQ(outcome("a:1"), "a|1");
  EXPECT_EQ(outcome("a:65535"), "a|65535");
  EXPECT_EQ(outcome("a:0080"), "a|80");
  for (const auto text : {"a:"sv, "a:0"sv, "a:65536"sv, "a:000080"sv, "a:8x"sv, "a:+80"sv, "a: 80"sv, "a:80 "sv,
                          "a:-1"sv, "a:80:80"sv, "[::1]:"sv, "[::1]:0"sv, "a:99999999999999999999"sv}) {
    EXPECT_NE(outcome(text).find("!the port"), std::string::npos) << text;
  }
}

TEST(Authority, H1_9_Ipv4Literals) {
  EXPECT_EQ(outcome("192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(outcome("192.0.2.1:443"), "192.0.2.1|443");
  EXPECT_EQ(outcome("4.example"), "4.example");
  for (const auto text :
       {"256.0.0.1"sv, "1.2.3"sv, "1.2.3.4.5"sv, "0177.0.0.1"sv, "127.1"sv, "2130706433"sv, "a.1"sv}) {
    EXPECT_NE(outcome(text).find("!the host ends in a number"), std::string::npos) << text;
  }
}

TEST(Authority, H1_9_Ipv6LiteralsAreWrittenAsRfc5952) {
  EXPECT_EQ(outcome("[::1]"), "[::1]");
  EXPECT_EQ(outcome("[::1]:8080"), "[::1]|8080");
  EXPECT_EQ(outcome("[2001:DB8:0:0:0:0:0:1]"), "[2001:db8::1]");
  EXPECT_EQ(outcome("[2001:db8::0001]:443"), "[2001:db8::1]|443");
  EXPECT_EQ(outcome("[1:2:3:4:5:6::8]"), "[1:2:3:4:5:6:0:8]");
  EXPECT_EQ(outcome("[::ffff:c000:201]"), "[::ffff:192.0.2.1]");
  EXPECT_EQ(outcome("[::]"), "[::]");
  for (const auto text :
       {"[]"sv, "["sv, "[::1"sv, "::1"sv, "[::1]x"sv, "[::1]."sv, "[127.0.0.1]"sv, "[::1%25lo]"sv, "[::1%lo]"sv,
        "[v1.a]"sv, "[::g]"sv, "[1:2:3:4:5:6:7:8:9]"sv, "[::1\0]"sv, "[[::1]]"sv, "x[::1]"sv}) {
    EXPECT_TRUE(outcome(text).starts_with('!')) << text;
  }
}

TEST(Authority, H1_9_RefusesWhatIsNoHost) {
  for (const auto text : {""sv,
                          ":80"sv,
                          "user@example.com"sv,
                          "user:pw@example.com"sv,
                          "a/b"sv,
                          "a,b"sv,
                          "a\0b"sv,
                          "a%2eb"sv,
                          "a b"sv,
                          " a"sv,
                          "a "sv,
                          "a?b"sv,
                          "a#b"sv,
                          "a\\b"sv,
                          "a..b"sv,
                          ".a"sv,
                          "*"sv,
                          "*.a"sv,
                          "a\xc3\xa9"sv,
                          "a\x7f"sv,
                          "a\tb"sv,
                          "http://a"sv,
                          "a;b"sv,
                          "a'b"sv,
                          "-\n"sv,
                          ".:80"sv}) {
    EXPECT_TRUE(outcome(text).starts_with('!')) << text;
  }
}

TEST(Authority, H1_9_AtMost255Bytes) {
  std::string longest;
  while (longest.size() + 2 <= 255) longest += "A.";
  longest += "A";
  ASSERT_EQ(longest.size(), 255u);
  EXPECT_EQ(outcome(longest).size(), 255u);
  EXPECT_NE(outcome(longest + "a").find("255"), std::string::npos);
}

TEST(Authority, GivesTheInputItselfWhenItIsCanonical) {
  for (const auto text : {"example.com:80"sv, "example.com."sv, "192.0.2.1"sv, "[2001:db8::1]:1"sv}) {
    const auto authority = canonical_authority(text, {});  // no room: nothing is written
    ASSERT_TRUE(authority) << text;
    EXPECT_EQ(authority->host.data(), text.data()) << text;
  }
}

TEST(Authority, TooLittleRoomIsAnInternalError) {
  for (const auto text : {"Example.com"sv, "[::ABCD]"sv}) {
    std::array<char, 4> room{};
    const auto authority = canonical_authority(text, room);
    ASSERT_FALSE(authority) << text;
    EXPECT_EQ(authority.error().code, Code::internal) << text;
  }
}

TEST(Hostname, LabelsAreThoseOfRfc1123) {
  for (const auto text : {"a"sv, "0"sv, "a-b"sv, "a--b"sv, "1a"sv}) EXPECT_TRUE(is_dns_label(text)) << text;
  for (const auto text : {""sv, "-a"sv, "a-"sv, "A"sv, "a_b"sv, "a.b"sv, "a b"sv, "*"sv})
    EXPECT_FALSE(is_dns_label(text)) << text;
  EXPECT_TRUE(is_dns_label(std::string(63, 'a')));
  EXPECT_FALSE(is_dns_label(std::string(64, 'a')));
}

TEST(Hostname, IsLabelsJoinedByDots) {
  for (const auto text : {"a"sv, "a.b"sv, "shop.example.com"sv, "1.2.3.4"sv}) EXPECT_TRUE(is_hostname(text)) << text;
  for (const auto text : {""sv, "."sv, "a."sv, ".a"sv, "a..b"sv, "A.b"sv, "*.a"sv, "a.b-"sv, "a:80"sv}) {
    EXPECT_FALSE(is_hostname(text)) << text;
  }
}

TEST(Hostname, IsAtMost253Bytes) {
  const std::string label(62, 'a');
  const std::string most = text::cat(label, ".", label, ".", label, ".", label, ".a");
  ASSERT_EQ(most.size(), 253u);
  EXPECT_TRUE(is_hostname(most));
  EXPECT_FALSE(is_hostname(most + "a"));
  EXPECT_TRUE(is_wildcard_hostname("*." + most.substr(2)));
  EXPECT_FALSE(is_wildcard_hostname("*." + most));
}

TEST(Hostname, WildcardIsTheWholeFirstLabel) {
  EXPECT_TRUE(is_wildcard_hostname("*.a"));
  EXPECT_TRUE(is_wildcard_hostname("*.example.com"));
  for (const auto text : {""sv, "*"sv, "*."sv, "a.b"sv, "*.*.a"sv, "*a.b"sv, "a.*"sv, "*.A"sv}) {
    EXPECT_FALSE(is_wildcard_hostname(text)) << text;
  }
}

}  // namespace
}  // namespace sallyport::syntax
