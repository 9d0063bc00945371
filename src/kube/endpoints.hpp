// SPDX-License-Identifier: Apache-2.0
// core/v1 Endpoints, the elder form of EndpointSlice. Its Service has the same name and namespace.

#pragma once

#include <optional>
#include <string>

#include "kube/values.hpp"

namespace sallyport::kube {

struct EndpointAddress {
  std::string ip;
  std::string hostname;
  std::optional<std::string> node_name;
  std::optional<ObjectReference> target_ref;

  static constexpr FieldNames<1> required{"ip"};
};
BOOST_DESCRIBE_STRUCT(EndpointAddress, (), (ip, hostname, node_name, target_ref))

struct EndpointPort {
  std::string name;
  PortNumber port = 0;
  Protocol protocol = Protocol::tcp;
  std::optional<std::string> app_protocol;

  static constexpr FieldNames<1> required{"port"};
};
BOOST_DESCRIBE_STRUCT(EndpointPort, (), (name, port, protocol, app_protocol))

struct EndpointSubset {
  List<EndpointAddress> addresses;
  List<EndpointAddress> not_ready_addresses;
  List<EndpointPort> ports;
};
BOOST_DESCRIBE_STRUCT(EndpointSubset, (), (addresses, not_ready_addresses, ports))

struct Endpoints {
  List<EndpointSubset> subsets;
};
BOOST_DESCRIBE_STRUCT(Endpoints, (), (subsets))

}  // namespace sallyport::kube
