// SPDX-License-Identifier: Apache-2.0
// What golden cases cannot show: the setting for endpoints on this machine.

#include "dialects/services/endpoint_reading.hpp"

#include <gtest/gtest.h>

#include "kube/reader.hpp"

namespace sallyport::dialects::services {
namespace {

kube::ObjectPtr loopback_slice() {
  const auto contents = kube::read_objects("web.yaml", R"(
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: web-1, namespace: shop, labels: {kubernetes.io/service-name: web}}
addressType: IPv4
ports: [{port: 8080}]
endpoints: [{addresses: [127.0.0.1]}]
)");
  return contents.objects.at(0);
}

TEST(Endpoints, OnLoopbackAreTakenWhereTheAdministratorOfTheMachineWroteThem) {
  const EndpointReading reading = read_slice(*loopback_slice(), {.loopback = true});
  EXPECT_EQ(reading.groups.at(0).addresses.size(), 1U);
  EXPECT_TRUE(reading.findings.empty());
}

TEST(Endpoints, OnLoopbackAreRefusedElsewhere) {
  const EndpointReading reading = read_slice(*loopback_slice(), {.loopback = false});
  EXPECT_TRUE(reading.groups.at(0).addresses.empty());
  ASSERT_EQ(reading.findings.size(), 1U);
  EXPECT_EQ(reading.findings[0].reason, "AddressRefused");
  EXPECT_EQ(reading.findings[0].origin.field, "endpoints[0].addresses[0]");
  EXPECT_EQ(reading.findings[0].origin.line, 7U);
}

}  // namespace
}  // namespace sallyport::dialects::services
