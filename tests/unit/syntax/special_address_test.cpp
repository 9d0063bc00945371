// SPDX-License-Identifier: Apache-2.0
#include "syntax/special_address.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace sallyport::syntax {
namespace {

std::string_view kind_of(std::string_view text) { return special_kind(*IpAddress::parse(text)); }

TEST(SpecialAddress, SaysWhatIsSpecial) {
  const std::map<std::string, std::string> special = {
      {"0.0.0.0", "the unspecified address"},
      {"::", "the unspecified address"},
      {"0.1.2.3", "an address of this network"},
      {"127.0.0.1", "a loopback address"},
      {"127.255.255.254", "a loopback address"},
      {"::1", "a loopback address"},
      {"::ffff:127.0.0.1", "a loopback address"},
      {"169.254.169.254", "a link-local address"},
      {"169.254.170.2", "a link-local address"},
      {"::ffff:169.254.169.254", "a link-local address"},
      {"fe80::1", "a link-local address"},
      {"fd00:ec2::254", "a cloud's metadata service"},
      {"fd20:ce::254", "a cloud's metadata service"},
      {"100.100.100.200", "a cloud's metadata service"},
      {"168.63.129.16", "a cloud's metadata service"},
      {"224.0.0.1", "a multicast address"},
      {"ff02::1", "a multicast address"},
      {"255.255.255.255", "a broadcast address"},
  };
  for (const auto& [address, kind] : special) EXPECT_EQ(kind_of(address), kind) << address;
}

TEST(SpecialAddress, CountsWhereATranslatorWouldGoOnTo) {
  const std::map<std::string, std::string> special = {
      {"::7f00:1", "a loopback address"},
      {"64:ff9b::7f00:1", "a loopback address"},
      {"64:ff9b::a9fe:a9fe", "a link-local address"},
      {"64:ff9b::6464:64c8", "a cloud's metadata service"},
      {"64:ff9b::", "the unspecified address"},
      {"2002:a9fe:a9fe::1", "a link-local address"},
      // A prefix of 96, 64, 56 and 48 bits.
      {"64:ff9b:1::a9fe:a9fe", "a link-local address"},
      {"64:ff9b:1:fffe::a9fe:a9fe", "a link-local address"},
      {"64:ff9b:1:7:a9:fea9:fe00:0", "a link-local address"},
      {"64:ff9b:1:7a9:fe:a9fe::", "a link-local address"},
      {"64:ff9b:1:a9fe:a9:fe00::", "a link-local address"},
  };
  for (const auto& [address, kind] : special) EXPECT_EQ(kind_of(address), kind) << address;
}

TEST(SpecialAddress, IsNoOther) {
  for (const std::string_view address :
       {"192.0.2.1", "10.0.0.1", "172.16.0.1", "192.168.0.1", "100.64.0.1", "100.100.100.201", "169.253.0.1",
        "2001:db8::1", "fd00::1", "64:ff9b::c000:201", "64:ff9b:1::c000:201", "64:ff9b:1:7:c0:2:100:0",
        "64:ff9b:1:7c0:0:201::", "2002:c000:201::1", "1.0.0.0"}) {
    EXPECT_EQ(kind_of(address), "") << address;
  }
}

}  // namespace
}  // namespace sallyport::syntax
