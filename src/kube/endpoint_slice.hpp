// SPDX-License-Identifier: Apache-2.0
// discovery.k8s.io/v1 EndpointSlice. Its Service is named by the label kubernetes.io/service-name.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "kube/values.hpp"

namespace sallyport::kube {

inline constexpr std::string_view service_name_label = "kubernetes.io/service-name";

enum class AddressType : std::uint8_t { ipv4, ipv6, fqdn };
BOOST_DESCRIBE_ENUM(AddressType, ipv4, ipv6, fqdn)

// Absent is "not known": ready and serving then count as true, terminating as false.
struct EndpointConditions {
  std::optional<bool> ready;
  std::optional<bool> serving;
  std::optional<bool> terminating;
};
BOOST_DESCRIBE_STRUCT(EndpointConditions, (), (ready, serving, terminating))

struct ForZone {
  std::string name;
};
BOOST_DESCRIBE_STRUCT(ForZone, (), (name))

struct ForNode {
  std::string name;
};
BOOST_DESCRIBE_STRUCT(ForNode, (), (name))

struct EndpointHints {
  List<ForZone> for_zones;
  List<ForNode> for_nodes;
};
BOOST_DESCRIBE_STRUCT(EndpointHints, (), (for_zones, for_nodes))

struct SliceEndpoint {
  List<std::string> addresses;
  EndpointConditions conditions;
  std::optional<std::string> hostname;
  std::optional<ObjectReference> target_ref;
  std::optional<std::string> node_name;
  std::optional<std::string> zone;
  std::optional<EndpointHints> hints;

  static constexpr FieldNames<1> required{"addresses"};
  static constexpr FieldNames<1> unread{"deprecatedTopology"};
};
BOOST_DESCRIBE_STRUCT(SliceEndpoint, (), (addresses, conditions, hostname, target_ref, node_name, zone, hints))

struct SlicePort {
  std::string name;  // the name of the Service's port
  std::optional<PortNumber> port;
  Protocol protocol = Protocol::tcp;
  std::optional<std::string> app_protocol;
};
BOOST_DESCRIBE_STRUCT(SlicePort, (), (name, port, protocol, app_protocol))

struct EndpointSlice {
  AddressType address_type = AddressType::ipv4;
  List<SliceEndpoint> endpoints;
  List<SlicePort> ports;

  static constexpr FieldNames<1> required{"addressType"};
};
BOOST_DESCRIBE_STRUCT(EndpointSlice, (), (address_type, endpoints, ports))

}  // namespace sallyport::kube
