// SPDX-License-Identifier: Apache-2.0
#include "sources/api_server/load_balancer_status.hpp"

#include <gtest/gtest.h>

#include "unit/sources/api_server/cluster_objects.hpp"

namespace sallyport::sources::api_server {
namespace {

std::optional<Addresses> there(std::string_view status) { return addresses_in(*ingress(1, status)); }

TEST(LoadBalancerStatus, IsReadAsSortedAddresses) {
  EXPECT_EQ(there("{}"), Addresses());
  EXPECT_EQ(
      there(
          R"({"loadBalancer": {"ingress": [{"ip": "192.0.2.9"}, {"hostname": "lb.example.com"}, {"ip": "192.0.2.1"}]}})"),
      (Addresses{"192.0.2.1", "192.0.2.9", "lb.example.com"}));
}

TEST(LoadBalancerStatus, WithMoreThanAddressesIsSomebodyElses) {
  EXPECT_EQ(
      there(R"({"loadBalancer": {"ingress": [{"ip": "192.0.2.9", "ports": [{"port": 80, "protocol": "TCP"}]}]}})"),
      std::nullopt);
  EXPECT_EQ(there(R"({"loadBalancer": {"ingress": [{"ip": "192.0.2.9", "hostname": "lb.example.com"}]}})"),
            std::nullopt);
  EXPECT_EQ(there(R"({"loadBalancer": {"ingress": [{}]}})"), std::nullopt);
  EXPECT_EQ(there(R"({"loadBalancer": {"ingress": ["192.0.2.9"]}})"), std::nullopt);
  EXPECT_EQ(there(R"({"loadBalancer": []})"), std::nullopt);
}

TEST(LoadBalancerStatus, OfAnotherKindIsNone) {
  EXPECT_EQ(
      addresses_in(*object_of(R"({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"}, "spec": {}})")),
      std::nullopt);
}

TEST(LoadBalancerStatus, PatchTellsIpAddressesFromNamesAndNamesTheVersion) {
  EXPECT_EQ(addresses_patch({"192.0.2.1", "2001:db8::1", "lb.example.com"}, "41"),
            R"({"metadata":{"resourceVersion":"41"},"status":{"loadBalancer":{"ingress":[{"ip":"192.0.2.1"},)"
            R"({"ip":"2001:db8::1"},{"hostname":"lb.example.com"}]}}})");
  EXPECT_EQ(addresses_patch({}, "41"),
            R"({"metadata":{"resourceVersion":"41"},"status":{"loadBalancer":{"ingress":[]}}})");
}

}  // namespace
}  // namespace sallyport::sources::api_server
