// SPDX-License-Identifier: Apache-2.0
#include "proxy/connect_rules.hpp"

#include <gtest/gtest.h>

#include <string_view>

#include "syntax/special_address.hpp"

namespace sallyport::proxy {
namespace {

syntax::IpAddress ip(std::string_view text) { return *syntax::IpAddress::parse(text); }
syntax::SocketAddress at(std::string_view text) { return *syntax::SocketAddress::parse(text); }

// What is special has tests of its own (syntax/special_address_test.cpp).
TEST(ConnectRules, ANameLeadsToNoSpecialAddress) {
  for (const std::string_view address : {"127.0.0.1", "0.0.0.0", "169.254.169.254", "64:ff9b::7f00:1", "ff02::1"}) {
    const std::string_view why = syntax::special_kind(ip(address));
    EXPECT_NE(why, "") << address;
    EXPECT_EQ(ConnectRules().refusal({ip(address), 80}, true), why) << address;
    EXPECT_FALSE(ConnectRules().allows_kind(ip(address))) << address;
  }
}

TEST(ConnectRules, ANameLeadsAnywhereElse) {
  for (const std::string_view address : {"192.0.2.1", "10.0.0.1", "100.64.0.1", "2001:db8::1", "64:ff9b::c000:201"}) {
    EXPECT_EQ(ConnectRules().refusal({ip(address), 80}, true), "") << address;
  }
}

TEST(ConnectRules, WhatAnAdministratorAllowsIsAllowed) {
  const ConnectRules rules{.allowed = {*syntax::Cidr::parse("127.0.0.1/32"), *syntax::Cidr::parse("fe80::/10")}};
  EXPECT_EQ(rules.refusal(at("127.0.0.1:80"), true), "");
  EXPECT_EQ(rules.refusal(at("[fe80::1]:80"), true), "");
  EXPECT_EQ(rules.refusal(at("127.0.0.2:80"), true), "a loopback address");
  EXPECT_TRUE(rules.allows_kind(ip("127.0.0.1")));
  EXPECT_FALSE(rules.allows_kind(ip("127.0.0.2")));
}

TEST(ConnectRules, AnAddressThatIsListedWasJudgedBefore) {
  EXPECT_EQ(ConnectRules().refusal(at("127.0.0.1:80"), false), "");
}

TEST(ConnectRules, NobodyIsLedToOurOwnPorts) {
  const ConnectRules rules{.allowed = {*syntax::Cidr::parse("127.0.0.0/8")},
                           .own_ports = {at("127.0.0.1:9901"), at("0.0.0.0:9902")}};
  for (const bool by_name : {false, true}) {
    EXPECT_EQ(rules.refusal(at("127.0.0.1:9901"), by_name), "a port of this gateway");
    EXPECT_EQ(rules.refusal(at("127.0.0.1:9902"), by_name), "a port of this gateway");
    EXPECT_EQ(rules.refusal(at("127.0.0.7:9902"), by_name), "a port of this gateway");
    // Where the kernel takes them to.
    EXPECT_EQ(rules.refusal(at("0.0.0.0:9901"), by_name), "a port of this gateway");
    EXPECT_EQ(rules.refusal(at("0.0.0.0:9902"), by_name), "a port of this gateway");
    EXPECT_EQ(rules.refusal(at("[::]:9901"), by_name), "a port of this gateway");
    EXPECT_EQ(rules.refusal(at("[::]:9902"), by_name), "a port of this gateway");
    EXPECT_EQ(rules.refusal(at("127.0.0.1:9903"), by_name), "");
    EXPECT_EQ(rules.refusal(at("192.0.2.1:9901"), by_name), "");
    EXPECT_EQ(rules.refusal(at("192.0.2.1:9902"), by_name), "");
  }
}

}  // namespace
}  // namespace sallyport::proxy
