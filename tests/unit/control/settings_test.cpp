// SPDX-License-Identifier: Apache-2.0
#include "control/settings.hpp"

#include <gtest/gtest.h>

namespace sallyport::control {
namespace {

TEST(Settings, ListenOnEveryAddressOfBothFamiliesAtPort80) {
  const model::Listener listener = http_listener({});
  ASSERT_EQ(listener.addresses.size(), 2U);
  EXPECT_EQ(listener.addresses[0].text(), "[::]:80");
  EXPECT_EQ(listener.addresses[1].text(), "0.0.0.0:80");
}

TEST(Settings, PortMapChangesWhatIsBoundAndNotWhatUsersCallIt) {
  Settings settings;
  settings.addresses = {*syntax::IpAddress::parse("127.0.0.1")};
  settings.port_map = {{80, 8080}, {443, 8443}};
  const model::Listener listener = http_listener(settings);
  ASSERT_EQ(listener.addresses.size(), 1U);
  EXPECT_EQ(listener.addresses[0].text(), "127.0.0.1:8080");
  EXPECT_EQ(listener.port, 80);
}

TEST(Settings, TrustedProxiesReachTheListenersFilters) {
  Settings settings;
  settings.trusted_proxies = {*syntax::Cidr::parse("10.0.0.0/8")};
  const model::Listener listener = http_listener(settings);
  ASSERT_EQ(listener.chain.size(), 2U);
  EXPECT_EQ(std::get<model::ForwardedHeaders>(listener.chain[0]).trusted, settings.trusted_proxies);
  EXPECT_EQ(std::get<model::RequestId>(listener.chain[1]).trusted, settings.trusted_proxies);
}

}  // namespace
}  // namespace sallyport::control
