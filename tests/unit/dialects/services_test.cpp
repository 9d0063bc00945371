// SPDX-License-Identifier: Apache-2.0
// What golden cases cannot show: the setting for endpoints on this machine.

#include "dialects/services/endpoint_reading.hpp"

#include <gtest/gtest.h>

#include <string_view>

#include "base/text.hpp"
#include "kube/reader.hpp"

namespace sallyport::dialects::services {
namespace {

kube::ObjectPtr slice_of(std::string_view address) {
  const std::string_view family = address.find(':') == address.npos ? "IPv4" : "IPv6";
  const auto contents = kube::read_objects("web.yaml", text::cat(R"(
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: web-1, namespace: shop, labels: {kubernetes.io/service-name: web}}
addressType: )",
                                                                 family, R"(
ports: [{port: 8080}]
endpoints: [{addresses: [")",
                                                                 address, R"("]}]
)"));
  return contents.objects.at(0);
}

kube::ObjectPtr loopback_slice() { return slice_of("127.0.0.1"); }

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

// As for names: what is refused does not depend on who says it.
TEST(Endpoints, AtSpecialAddressesAreRefusedWhoeverWroteThem) {
  for (const std::string_view address :
       {"168.63.129.16", "100.100.100.200", "fd00:ec2::254", "64:ff9b::a9fe:a9fe", "64:ff9b:1::a9fe:a9fe",
        "2002:a9fe:a9fe::1", "::7f00:1", "0.1.2.3", "255.255.255.255"}) {
    const EndpointReading reading = read_slice(*slice_of(address), {.loopback = true});
    EXPECT_TRUE(reading.groups.at(0).addresses.empty()) << address;
    ASSERT_EQ(reading.findings.size(), 1U) << address;
    EXPECT_EQ(reading.findings[0].reason, "AddressRefused") << address;
  }
}

}  // namespace
}  // namespace sallyport::dialects::services
