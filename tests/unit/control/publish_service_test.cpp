// SPDX-License-Identifier: Apache-2.0
#include "control/publish_service.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "unit/control/objects.hpp"

namespace sallyport::control {
namespace {

using Addresses = std::optional<std::vector<std::string>>;

Addresses of(std::string_view spec_and_status) {
  return addresses_of(
      *objects(text::cat("apiVersion: v1\nkind: Service\nmetadata: {name: gate, namespace: shop}\n", spec_and_status))
           .at(0));
}

std::vector<std::string> list(std::initializer_list<std::string> all) { return all; }

TEST(PublishService, LoadBalancerIsReachedWhereItsStatusSays) {
  EXPECT_EQ(of("spec: {type: LoadBalancer, clusterIP: 10.0.0.1, externalIPs: [192.0.2.7, 192.0.2.1]}\n"
               "status: {loadBalancer: {ingress: [{ip: 192.0.2.1}, {hostname: lb.example.com}]}}\n"),
            list({"192.0.2.1", "lb.example.com", "192.0.2.7"}));
}

TEST(PublishService, LoadBalancerThatHasNoAddressYetIsReachedNowhere) {
  EXPECT_EQ(of("spec: {type: LoadBalancer, clusterIP: 10.0.0.1}\n"), list({}));
}

TEST(PublishService, OtherServiceIsReachedAtItsExternalAddressesElseAtThoseOfTheCluster) {
  EXPECT_EQ(of("spec: {type: NodePort, clusterIP: 10.0.0.1, externalIPs: [192.0.2.7]}\n"), list({"192.0.2.7"}));
  EXPECT_EQ(of("spec: {type: NodePort, clusterIP: 10.0.0.1}\n"), list({"10.0.0.1"}));
  EXPECT_EQ(of("spec: {clusterIP: 10.0.0.1, clusterIPs: [10.0.0.1, 'fd00::1']}\n"), list({"10.0.0.1", "fd00::1"}));
  EXPECT_EQ(of("spec: {clusterIP: None}\n"), list({}));
}

TEST(PublishService, ExternalNameIsReachedByThatName) {
  EXPECT_EQ(of("spec: {type: ExternalName, externalName: lb.example.com}\n"), list({"lb.example.com"}));
  EXPECT_EQ(of("spec: {type: ExternalName, externalName: lb.example.com.}\n"), list({"lb.example.com"}));
}

TEST(PublishService, WhatCannotBeReadIsNotKnown) {
  EXPECT_EQ(of("spec: {type: LoadBalancer}\nstatus: {loadBalancer: []}\n"), std::nullopt);
  EXPECT_EQ(of("spec: {type: Wrong}\n"), std::nullopt);
}

TEST(PublishService, IsOfServicesOnly) {
  EXPECT_EQ(addresses_of(*objects(ingress("a", rules({rule("a.example.com", "/")}))).at(0)), std::nullopt);
}

}  // namespace
}  // namespace sallyport::control
