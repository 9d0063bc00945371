// SPDX-License-Identifier: Apache-2.0
#include "proxy/sources.hpp"

#include <gtest/gtest.h>

#include <string>

#include "base/text.hpp"

namespace sallyport::proxy {
namespace {

syntax::IpAddress address(std::string_view text) { return *syntax::IpAddress::parse(text); }

// How many more it may have, up to ten; they are given back.
int room(Sources& sources, std::string_view text) {
  int entered = 0;
  while (entered < 10 && sources.enter(address(text))) ++entered;
  for (int i = 0; i < entered; ++i) sources.leave(address(text));
  return entered;
}

TEST(Sources, OneHasAsManyAsItMayAndNoMore) {
  Sources sources(3, {});
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(sources.enter(address("192.0.2.1")));
  EXPECT_FALSE(sources.enter(address("192.0.2.1")));
  EXPECT_FALSE(sources.enter(address("192.0.2.1"))) << "what was refused does not count";
  sources.leave(address("192.0.2.1"));
  EXPECT_TRUE(sources.enter(address("192.0.2.1")));
  EXPECT_FALSE(sources.enter(address("192.0.2.1")));
}

TEST(Sources, OthersHaveTheirOwn) {
  Sources sources(1, {});
  ASSERT_TRUE(sources.enter(address("192.0.2.1")));
  EXPECT_TRUE(sources.enter(address("192.0.2.2")));
  EXPECT_TRUE(sources.enter(address("198.51.100.1")));
  EXPECT_TRUE(sources.enter(address("2001:db8::1")));
  EXPECT_TRUE(sources.enter(address("2001:db8:0:1::1")));
}

TEST(Sources, AnIpv6SourceIsA64) {
  Sources sources(2, {});
  EXPECT_TRUE(sources.enter(address("2001:db8::1")));
  EXPECT_TRUE(sources.enter(address("2001:db8::ffff:1")));
  EXPECT_FALSE(sources.enter(address("2001:db8::2")));
  EXPECT_EQ(room(sources, "2001:db8:0:1::2"), 2);
}

TEST(Sources, AMappedAddressIsTheIpv4One) {
  Sources sources(1, {});
  ASSERT_TRUE(sources.enter(address("::ffff:192.0.2.1")));
  EXPECT_FALSE(sources.enter(address("192.0.2.1")));
}

TEST(Sources, AnExemptOneIsNotCounted) {
  Sources sources(1, {*syntax::Cidr::parse("10.0.0.0/8")});
  EXPECT_EQ(room(sources, "10.1.2.3"), 10);
  EXPECT_EQ(room(sources, "192.0.2.1"), 1);
}

// 2000 sources with 5 connections each: a cell in 16384 has more than a few in every row for nobody.
TEST(Sources, ManyOthersTakeNobodysRoom) {
  Sources sources(20, {});
  for (int i = 0; i < 2000; ++i) {
    const auto one = address(text::cat("10.0.", std::to_string(i / 250), ".", std::to_string(i % 250)));
    for (int of = 0; of < 5; ++of) ASSERT_TRUE(sources.enter(one));
  }
  EXPECT_EQ(room(sources, "192.0.2.1"), 10);
}

}  // namespace
}  // namespace sallyport::proxy
