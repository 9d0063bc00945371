// SPDX-License-Identifier: Apache-2.0
#include "proxy/connect_rules.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace sallyport::proxy {
namespace {

syntax::IpAddress ip(std::string_view text) { return *syntax::IpAddress::parse(text); }
syntax::SocketAddress at(std::string_view text) { return *syntax::SocketAddress::parse(text); }

TEST(ConnectRules, ANameLeadsToNoSpecialAddress) {
  const std::map<std::string, std::string> refused = {
      {"0.0.0.0", "the unspecified address"},
      {"::", "the unspecified address"},
      {"0.1.2.3", "an address of this network"},
      {"127.0.0.1", "a loopback address"},
      {"127.255.255.254", "a loopback address"},
      {"::1", "a loopback address"},
      {"::ffff:127.0.0.1", "a loopback address"},
      {"::7f00:1", "a loopback address"},
      {"64:ff9b::7f00:1", "a loopback address"},
      {"169.254.169.254", "a link-local address"},
      {"169.254.170.2", "a link-local address"},
      {"::ffff:169.254.169.254", "a link-local address"},
      {"64:ff9b::a9fe:a9fe", "a link-local address"},
      {"2002:a9fe:a9fe::1", "a link-local address"},
      {"fe80::1", "a link-local address"},
      {"fd00:ec2::254", "a cloud's metadata service"},
      {"fd20:ce::254", "a cloud's metadata service"},
      {"100.100.100.200", "a cloud's metadata service"},
      {"168.63.129.16", "a cloud's metadata service"},
      {"224.0.0.1", "a multicast address"},
      {"ff02::1", "a multicast address"},
      {"255.255.255.255", "a broadcast address"},
  };
  for (const auto& [address, why] : refused) {
    EXPECT_EQ(special_kind(ip(address)), why) << address;
    EXPECT_EQ(ConnectRules().refusal({ip(address), 80}, true), why) << address;
  }
}

TEST(ConnectRules, ANameLeadsAnywhereElse) {
  for (const std::string_view address :
       {"192.0.2.1", "10.0.0.1", "172.16.0.1", "192.168.0.1", "100.64.0.1", "169.253.0.1", "2001:db8::1", "fd00::1",
        "64:ff9b::c000:201", "2002:c000:201::1"}) {
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
    EXPECT_EQ(rules.refusal(at("127.0.0.1:9903"), by_name), "");
    EXPECT_EQ(rules.refusal(at("192.0.2.1:9901"), by_name), "");
    EXPECT_EQ(rules.refusal(at("192.0.2.1:9902"), by_name), "");
  }
}

}  // namespace
}  // namespace sallyport::proxy
