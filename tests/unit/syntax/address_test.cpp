// SPDX-License-Identifier: Apache-2.0

#include "syntax/address.hpp"

#include <gtest/gtest.h>

#include <string>
#include <unordered_set>
#include <vector>

namespace sallyport::syntax {
namespace {

using namespace std::literals;

// The canonical text; empty if it is refused.
template <class T>
std::string text_of(std::string_view text) {
  const auto value = T::parse(text);
  if (value) return value->text();
  EXPECT_EQ(value.error().code, Code::invalid) << text;
  EXPECT_FALSE(value.error().detail.empty()) << text;
  return "";
}

IpAddress ip(std::string_view text) { return *IpAddress::parse(text); }

TEST(IpAddress, IsWrittenAsRfc5952) {
  EXPECT_EQ(text_of<IpAddress>("192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(text_of<IpAddress>("255.255.255.255"), "255.255.255.255");
  EXPECT_EQ(text_of<IpAddress>("0.0.0.0"), "0.0.0.0");
  EXPECT_EQ(text_of<IpAddress>("::"), "::");
  EXPECT_EQ(text_of<IpAddress>("::1"), "::1");
  EXPECT_EQ(text_of<IpAddress>("1::"), "1::");
  EXPECT_EQ(text_of<IpAddress>("2001:DB8:0:0:8:800:200C:417A"), "2001:db8::8:800:200c:417a");
  EXPECT_EQ(text_of<IpAddress>("2001:db8:0:1:1:1:1:1"), "2001:db8:0:1:1:1:1:1");
  EXPECT_EQ(text_of<IpAddress>("2001:0:0:1:0:0:0:1"), "2001:0:0:1::1");
  EXPECT_EQ(text_of<IpAddress>("2001:db8:0:0:1:0:0:1"), "2001:db8::1:0:0:1");
  EXPECT_EQ(text_of<IpAddress>("0:1:0:1:0:1:0:1"), "0:1:0:1:0:1:0:1");
  EXPECT_EQ(text_of<IpAddress>("::1:2"), "::1:2");
  EXPECT_EQ(text_of<IpAddress>("1:2:3:4:5:6:0:0"), "1:2:3:4:5:6::");
  EXPECT_EQ(text_of<IpAddress>("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"), "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
}

TEST(IpAddress, MappedIpv4IsIpv4) {
  EXPECT_EQ(ip("::ffff:192.0.2.1"), ip("192.0.2.1"));
  EXPECT_EQ(ip("::FFFF:c000:201"), ip("192.0.2.1"));
  EXPECT_TRUE(ip("::ffff:192.0.2.1").is_v4());
  EXPECT_EQ(ip("::ffff:192.0.2.1").text(), "192.0.2.1");
  EXPECT_FALSE(ip("::192.0.2.1").is_v4());
}

TEST(IpAddress, RefusesEverythingElse) {
  for (const auto text : {""sv,           "1"sv,
                          "1.2.3"sv,      "1.2.3.4.5"sv,
                          "256.1.1.1"sv,  "01.2.3.4"sv,
                          "0x7f.0.0.1"sv, "1.2.3.4 "sv,
                          " 1.2.3.4"sv,   "1.2.3.4\0"sv,
                          "1.2.3.4\0x"sv, "1.2.3.4/8"sv,
                          ":"sv,          ":::"sv,
                          "1::2::3"sv,    "[::1]"sv,
                          "::1%lo"sv,     "fe80::1%1"sv,
                          "12345::"sv,    "::1\0"sv,
                          "localhost"sv,  "0000:0000:0000:0000:0000:0000:0000:0000:0000:00"sv}) {
    EXPECT_EQ(text_of<IpAddress>(text), "") << text;
  }
}

TEST(IpAddress, BytesAreInNetworkOrder) {
  const auto v4 = ip("192.0.2.1");
  EXPECT_EQ(std::vector<std::uint8_t>(v4.bytes().begin(), v4.bytes().end()), (std::vector<std::uint8_t>{192, 0, 2, 1}));
  const auto v6 = ip("102::f");
  ASSERT_EQ(v6.bytes().size(), 16u);
  EXPECT_EQ(v6.bytes()[0], 1);
  EXPECT_EQ(v6.bytes()[1], 2);
  EXPECT_EQ(v6.bytes()[15], 15);
  EXPECT_EQ(IpAddress::from_v4(v4.bytes().first<4>()), v4);
  EXPECT_EQ(IpAddress::from_v6(v6.bytes().first<16>()), v6);
}

TEST(IpAddress, KnowsItsKind) {
  for (const auto text : {"127.0.0.1"sv, "127.255.0.9"sv, "::1"sv, "::ffff:127.0.0.1"sv})
    EXPECT_TRUE(ip(text).is_loopback()) << text;
  for (const auto text : {"128.0.0.1"sv, "::2"sv, "::"sv, "1::1"sv}) EXPECT_FALSE(ip(text).is_loopback()) << text;
  for (const auto text : {"169.254.0.1"sv, "fe80::1"sv, "febf::"sv}) EXPECT_TRUE(ip(text).is_link_local()) << text;
  for (const auto text : {"169.253.0.1"sv, "fec0::"sv, "fe7f::"sv}) EXPECT_FALSE(ip(text).is_link_local()) << text;
  for (const auto text : {"224.0.0.1"sv, "239.255.255.255"sv, "ff02::1"sv})
    EXPECT_TRUE(ip(text).is_multicast()) << text;
  for (const auto text : {"223.0.0.1"sv, "240.0.0.1"sv, "fe00::"sv}) EXPECT_FALSE(ip(text).is_multicast()) << text;
  for (const auto text : {"0.0.0.0"sv, "::"sv}) EXPECT_TRUE(ip(text).is_unspecified()) << text;
  for (const auto text : {"0.0.0.1"sv, "::1"sv}) EXPECT_FALSE(ip(text).is_unspecified()) << text;
  EXPECT_TRUE(IpAddress().is_unspecified());
  EXPECT_FALSE(IpAddress().is_v4());
}

TEST(IpAddress, ComparesAndHashes) {
  EXPECT_LT(ip("10.0.0.1"), ip("10.0.0.2"));
  EXPECT_NE(ip("0.0.0.0"), ip("::"));
  const std::unordered_set<IpAddress> some = {ip("10.0.0.1"), ip("::ffff:10.0.0.1"), ip("::1")};
  EXPECT_EQ(some.size(), 2u);
  EXPECT_TRUE(some.contains(ip("::1")));
}

TEST(SocketAddress, IsAddressAndPort) {
  EXPECT_EQ(text_of<SocketAddress>("127.0.0.1:80"), "127.0.0.1:80");
  EXPECT_EQ(text_of<SocketAddress>("[::1]:65535"), "[::1]:65535");
  EXPECT_EQ(text_of<SocketAddress>("[::]:0"), "[::]:0");
  EXPECT_EQ(text_of<SocketAddress>("[::ffff:192.0.2.1]:80"), "192.0.2.1:80");
  EXPECT_EQ(SocketAddress::parse("127.0.0.1:80")->port, 80);
  for (const auto text : {""sv, ":80"sv, "127.0.0.1"sv, "127.0.0.1:"sv, "127.0.0.1:65536"sv, "127.0.0.1:+1"sv,
                          "127.0.0.1:000080"sv, "::1:80"sv, "::1"sv, "[::1]"sv, "[::1]80"sv, "[127.0.0.1]:80"sv,
                          "[]:80"sv, "[:80"sv, "]:80"sv, "localhost:80"sv, "[::1:80"sv, "[::1]:80:80"sv}) {
    EXPECT_EQ(text_of<SocketAddress>(text), "") << text;
  }
}

TEST(SocketAddress, ComparesAndHashes) {
  const auto one = *SocketAddress::parse("10.0.0.1:1");
  const auto two = *SocketAddress::parse("10.0.0.1:2");
  EXPECT_LT(one, two);
  const std::unordered_set<SocketAddress> some = {one, two, one};
  EXPECT_EQ(some.size(), 2u);
}

TEST(Cidr, ContainsWhatSharesItsPrefix) {
  const auto in = [](std::string_view block, std::string_view address) {
    return Cidr::parse(block)->contains(ip(address));
  };
  EXPECT_TRUE(in("10.0.0.0/8", "10.255.0.1"));
  EXPECT_FALSE(in("10.0.0.0/8", "11.0.0.0"));
  EXPECT_TRUE(in("10.0.0.0/8", "::ffff:10.1.2.3"));
  EXPECT_TRUE(in("192.0.2.128/25", "192.0.2.255"));
  EXPECT_FALSE(in("192.0.2.128/25", "192.0.2.127"));
  EXPECT_TRUE(in("192.0.2.1/32", "192.0.2.1"));
  EXPECT_FALSE(in("192.0.2.1/32", "192.0.2.2"));
  EXPECT_TRUE(in("2001:db8::/33", "2001:db8:7fff::1"));
  EXPECT_FALSE(in("2001:db8::/33", "2001:db8:8000::1"));
  EXPECT_TRUE(in("::1/128", "::1"));
  EXPECT_FALSE(in("::1/128", "::2"));
}

TEST(Cidr, FamiliesNeverMix) {
  EXPECT_TRUE(Cidr::parse("0.0.0.0/0")->contains(ip("192.0.2.1")));
  EXPECT_FALSE(Cidr::parse("0.0.0.0/0")->contains(ip("::1")));
  EXPECT_TRUE(Cidr::parse("::/0")->contains(ip("::1")));
  EXPECT_FALSE(Cidr::parse("::/0")->contains(ip("192.0.2.1")));
  EXPECT_EQ(text_of<Cidr>("::ffff:10.0.0.0/104"), "10.0.0.0/8");
  EXPECT_EQ(text_of<Cidr>("::ffff:0.0.0.0/96"), "0.0.0.0/0");
  EXPECT_EQ(text_of<Cidr>("::ffff:0.0.0.0/95"), "");
  EXPECT_EQ(text_of<Cidr>("::ffff:10.0.0.0/8"), "");
}

TEST(Cidr, HostBitsAreAnError) {
  EXPECT_EQ(text_of<Cidr>("10.0.0.1/8"), "");
  EXPECT_EQ(text_of<Cidr>("192.0.2.129/25"), "");
  EXPECT_EQ(text_of<Cidr>("192.0.2.64/25"), "");
  EXPECT_EQ(text_of<Cidr>("2001:db8::1/64"), "");
  EXPECT_EQ(text_of<Cidr>("0.0.0.1/0"), "");
  EXPECT_EQ(text_of<Cidr>("192.0.2.0/25"), "192.0.2.0/25");
  EXPECT_EQ(text_of<Cidr>("2001:DB8::/64"), "2001:db8::/64");
}

TEST(Cidr, RefusesEverythingElse) {
  for (const auto text :
       {""sv, "/"sv, "/8"sv, "10.0.0.0"sv, "10.0.0.0/"sv, "10.0.0.0/33"sv, "10.0.0.0/-1"sv, "10.0.0.0/8/8"sv,
        "10.0.0.0/+8"sv, "10.0.0.0/0008"sv, "::/129"sv, "10/8"sv, "10.0.0.0/255.0.0.0"sv, "[::]/0"sv, "a/8"sv}) {
    EXPECT_EQ(text_of<Cidr>(text), "") << text;
  }
}

}  // namespace
}  // namespace sallyport::syntax
