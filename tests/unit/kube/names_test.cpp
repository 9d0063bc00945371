// SPDX-License-Identifier: Apache-2.0

#include "kube/names.hpp"

#include <gtest/gtest.h>

#include "kube/endpoint_slice.hpp"
#include "kube/ingress.hpp"
#include "kube/service.hpp"

namespace sallyport::kube {
namespace {

TEST(Names, FieldsGlueWordsAndKeepTheFirstLowerCase) {
  EXPECT_EQ(field_name("name"), "name");
  EXPECT_EQ(field_name("ingress_class_name"), "ingressClassName");
  EXPECT_EQ(field_name("publish_not_ready_addresses"), "publishNotReadyAddresses");
}

TEST(Names, OurReservedWordsLoseTheirUnderscore) {
  EXPECT_EQ(field_name("namespace_"), "namespace");
  EXPECT_EQ(field_name("not_"), "not");
}

TEST(Names, SpecialWordsAreWrittenAsTheApiDoes) {
  EXPECT_EQ(field_name("cluster_ip"), "clusterIP");
  EXPECT_EQ(field_name("cluster_ips"), "clusterIPs");
  EXPECT_EQ(field_name("external_ips"), "externalIPs");
  EXPECT_EQ(field_name("load_balancer_ip"), "loadBalancerIP");
  EXPECT_EQ(field_name("ip_families"), "ipFamilies");
  EXPECT_EQ(field_name("ip"), "ip");
  EXPECT_EQ(field_name("uid"), "uid");
}

TEST(Names, EnumsBeginWithAnUpperCaseWord) {
  EXPECT_EQ(value_names<ServiceType>(),
            (std::array<std::string, 4>{"ClusterIP", "NodePort", "LoadBalancer", "ExternalName"}));
  EXPECT_EQ(value_names<Protocol>(), (std::array<std::string, 3>{"TCP", "UDP", "SCTP"}));
  EXPECT_EQ(value_names<AddressType>(), (std::array<std::string, 3>{"IPv4", "IPv6", "FQDN"}));
  EXPECT_EQ(value_names<PathType>(), (std::array<std::string, 3>{"Exact", "Prefix", "ImplementationSpecific"}));
}

TEST(Names, AStructsNamesComeInItsOrder) {
  EXPECT_EQ(field_names<IngressSpec>(),
            (std::array<std::string, 4>{"ingressClassName", "defaultBackend", "tls", "rules"}));
}

}  // namespace
}  // namespace sallyport::kube
