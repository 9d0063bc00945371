// SPDX-License-Identifier: Apache-2.0
// What an EndpointSlice or an Endpoints object says: groups of ports and addresses, and what of it is refused.
// Pure. Rules: docs/decisions/0002-loopback-endpoints.md; reliability-security.md 3.9 and 3.11.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "dialects/finding.hpp"
#include "kube/object.hpp"
#include "model/parts.hpp"

namespace sallyport::dialects::services {

struct NamedPort {
  std::string name;  // of the Service's port; empty is the unnamed one
  std::uint16_t number = 0;

  bool operator==(const NamedPort&) const = default;
};

struct ServingAddress {
  syntax::IpAddress ip;
  model::Endpoint::State state = model::Endpoint::State::active;

  bool operator==(const ServingAddress&) const = default;
};

struct ServingName {
  std::string host;
  model::Endpoint::State state = model::Endpoint::State::active;

  bool operator==(const ServingName&) const = default;
};

// Every address and every name serves every port.
struct AddressGroup {
  std::vector<NamedPort> ports;
  std::vector<ServingAddress> addresses;
  std::vector<ServingName> names = {};

  bool operator==(const AddressGroup&) const = default;
};

struct EndpointReading {
  std::vector<AddressGroup> groups;
  std::vector<Finding> findings;
};

struct AddressPolicy {
  bool loopback = true;  // endpoints on this machine: whoever owns the folder owns the machine
  bool names = false;    // endpoints that are names: what they lead to is in the hands of whoever answers for them
};

EndpointReading read_slice(const kube::Object& object, const AddressPolicy& policy);
EndpointReading read_endpoints(const kube::Object& object, const AddressPolicy& policy);

}  // namespace sallyport::dialects::services
