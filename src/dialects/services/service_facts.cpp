// SPDX-License-Identifier: Apache-2.0
#include "dialects/services/service_facts.hpp"

#include <limits>
#include <utility>
#include <variant>

#include "base/text.hpp"
#include "dialects/services/external_host.hpp"

namespace sallyport::dialects::services {

std::uint16_t external_port(const kube::ServicePort& port) {
  if (!port.target_port) return port.port;
  const auto* number = std::get_if<std::uint32_t>(&*port.target_port);
  const bool fits = number != nullptr && *number <= std::numeric_limits<std::uint16_t>::max();
  return fits ? static_cast<std::uint16_t>(*number) : std::uint16_t{0};
}

ServiceFacts service_facts(const kube::Object& object) {
  ServiceFacts facts;
  const auto* service = kube::as<kube::Service>(object);
  if (service == nullptr) return facts;
  facts.external_name = service->spec.type == kube::ServiceType::external_name;
  if (facts.external_name) facts.external_host = host_to_resolve(service->spec.external_name);
  for (std::size_t at = 0; at < service->spec.ports.size(); ++at) {
    const auto& port = service->spec.ports[at];
    if (!port) continue;
    facts.ports.push_back({.name = port->name,
                           .number = port->port,
                           .protocol = port->protocol,
                           .app_protocol = port->app_protocol.value_or(""),
                           .index = at});
  }
  facts.upstream = upstream_annotations(object);
  return facts;
}

ObjectRef service_ref(std::string namespace_, std::string name) {
  return {.group = "", .kind = "Service", .namespace_ = std::move(namespace_), .name = std::move(name)};
}

model::Id endpoint_set_id(const ObjectRef& service, std::uint16_t port) {
  return text::cat(service.namespace_, "/", service.name, ":", port);
}

}  // namespace sallyport::dialects::services
