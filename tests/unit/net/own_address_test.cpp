// SPDX-License-Identifier: Apache-2.0
#include "net/own_address.hpp"

#include <gtest/gtest.h>
#include <ifaddrs.h>

#include <cstring>

#include "net/socket_address.hpp"

namespace sallyport::net {
namespace {

bool is_own(std::string_view text) { return is_own_address(*syntax::IpAddress::parse(text)); }

TEST(OwnAddress, LoopbackIsOurs) {
  EXPECT_TRUE(is_own("127.0.0.1"));
  EXPECT_TRUE(is_own("127.9.8.7"));
  EXPECT_TRUE(is_own("::1"));
  EXPECT_TRUE(is_own("::ffff:127.0.0.1"));
}

// A connection there is one to ourselves.
TEST(OwnAddress, TheUnspecifiedOneIsOurs) {
  EXPECT_TRUE(is_own("0.0.0.0"));
  EXPECT_TRUE(is_own("::"));
}

TEST(OwnAddress, ThoseOfOthersAreNot) {
  EXPECT_FALSE(is_own("192.0.2.1"));
  EXPECT_FALSE(is_own("203.0.113.77"));
  EXPECT_FALSE(is_own("2001:db8::1"));
}

TEST(OwnAddress, EveryAddressOfAnInterfaceIsOurs) {
  ifaddrs* all = nullptr;
  ASSERT_EQ(::getifaddrs(&all), 0);
  for (const ifaddrs* one = all; one != nullptr; one = one->ifa_next) {
    if (one->ifa_addr == nullptr) continue;
    KernelAddress address;
    const int family = one->ifa_addr->sa_family;
    if (family != AF_INET && family != AF_INET6) continue;
    std::memcpy(&address.storage, one->ifa_addr, family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6));
    const syntax::IpAddress ip = from_kernel(address)->ip;
    // One of a link needs its interface to be named, and is refused for what it is.
    if (!ip.is_link_local()) {
      EXPECT_TRUE(is_own_address(ip)) << ip.text() << " of " << one->ifa_name;
    }
  }
  ::freeifaddrs(all);
}

}  // namespace
}  // namespace sallyport::net
