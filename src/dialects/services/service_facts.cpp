// SPDX-License-Identifier: Apache-2.0
#include "dialects/services/service_facts.hpp"

#include <utility>

#include "base/text.hpp"

namespace sallyport::dialects::services {

ServiceFacts service_facts(const kube::Object& object) {
  ServiceFacts facts;
  const auto* service = kube::as<kube::Service>(object);
  if (service == nullptr) return facts;
  facts.external_name = service->spec.type == kube::ServiceType::external_name;
  for (std::size_t at = 0; at < service->spec.ports.size(); ++at) {
    const auto& port = service->spec.ports[at];
    if (port) facts.ports.push_back({port->name, port->port, port->protocol, port->app_protocol.value_or(""), at});
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
