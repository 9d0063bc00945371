// SPDX-License-Identifier: Apache-2.0
// What others need to know of a Service: its ports, where the endpoint set of each is found, and how its endpoints want
// to be spoken to.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/object_ref.hpp"
#include "dialects/services/upstream_annotations.hpp"
#include "kube/object.hpp"
#include "model/parts.hpp"

namespace sallyport::dialects::services {

struct ServicePortFacts {
  std::string name;
  std::uint16_t number = 0;
  kube::Protocol protocol = kube::Protocol::tcp;
  std::string app_protocol;  // as written; empty: none
  std::size_t index = 0;     // of spec.ports

  bool operator==(const ServicePortFacts&) const = default;
};

struct ServiceFacts {
  bool external_name = false;
  std::string external_host;  // that it names; empty: none, or no host name
  std::vector<ServicePortFacts> ports;
  UpstreamAnnotations upstream;

  bool operator==(const ServiceFacts&) const = default;
};

// Which port of an external host a port of its Service is; 0: its targetPort is a name, and nothing says which port
// that is.
std::uint16_t external_port(const kube::ServicePort& port);

// A projection (dialects/lookup.hpp).
ServiceFacts service_facts(const kube::Object& object);

ObjectRef service_ref(std::string namespace_, std::string name);

// "shop/web:80": unambiguous, because names of Services hold neither '/' nor ':'.
model::Id endpoint_set_id(const ObjectRef& service, std::uint16_t port);

}  // namespace sallyport::dialects::services
