// SPDX-License-Identifier: Apache-2.0
// What others need to know of a Service: its ports, and where the endpoint set of each is found.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/object_ref.hpp"
#include "kube/object.hpp"
#include "model/parts.hpp"

namespace sallyport::dialects::services {

struct ServicePortFacts {
  std::string name;
  std::uint16_t number = 0;
  kube::Protocol protocol = kube::Protocol::tcp;

  bool operator==(const ServicePortFacts&) const = default;
};

struct ServiceFacts {
  bool external_name = false;
  std::vector<ServicePortFacts> ports;

  bool operator==(const ServiceFacts&) const = default;
};

// A projection (dialects/lookup.hpp).
ServiceFacts service_facts(const kube::Object& object);

ObjectRef service_ref(std::string namespace_, std::string name);

// "shop/web:80": unambiguous, because names of Services hold neither '/' nor ':'.
model::Id endpoint_set_id(const ObjectRef& service, std::uint16_t port);

}  // namespace sallyport::dialects::services
