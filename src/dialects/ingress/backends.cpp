// SPDX-License-Identifier: Apache-2.0
#include "dialects/ingress/backends.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "base/text.hpp"
#include "dialects/services/service_facts.hpp"

namespace sallyport::dialects::ingress {
namespace {

using services::ServiceFacts;
using services::ServicePortFacts;

Target unavailable() {
  model::Destination answer;
  answer.target = model::FixedAnswer{.code = Code::no_service};
  return {.backend = std::nullopt, .destination = std::move(answer)};
}

Target to_port(const ObjectRef& service, std::uint16_t port) {
  const model::Id set = services::endpoint_set_id(service, port);
  model::Backend backend{
      .id = text::cat("http1 ", set),
      .endpoint_set = set,
      .protocol = model::Protocol::http1,
      .origin = {.object = service, .file = {}, .line = 0, .field = {}},
  };
  model::Destination destination;
  destination.target = model::BackendRef{.backend = backend.id};
  return {.backend = std::move(backend), .destination = std::move(destination)};
}

std::string written(const kube::ServiceBackendPort& port) {
  return port.name.empty() ? text::cat(port.number.value_or(0)) : text::cat("\"", port.name, "\"");
}

const ServicePortFacts* find_port(const ServiceFacts& service, const kube::ServiceBackendPort& wanted) {
  const auto fits = [&](const ServicePortFacts& port) {
    return port.protocol == kube::Protocol::tcp &&
           (wanted.name.empty() ? port.number == wanted.number : port.name == wanted.name);
  };
  const auto found = std::ranges::find_if(service.ports, fits);
  return found == service.ports.end() ? nullptr : &*found;
}

// Exactly one of name and number.
bool is_clear(const kube::ServiceBackendPort& port) {
  const bool numbered = port.number.value_or(0) != 0;
  return numbered == port.name.empty();
}

Target to_service(const kube::IngressServiceBackend& wanted, std::string_view field, const kube::Object& ingress,
                  const Lookup& lookup, Findings& findings) {
  const std::string port_field = kube::field(field, "port");
  const std::string name_field = kube::field(field, "name");
  const auto refuse = [&](std::string_view at, std::string_view reason, std::string message) {
    findings.add(Verdict::rejected, at, reason, text::cat(message, ": requests get 503"));
    return unavailable();
  };
  if (!is_clear(wanted.port)) return refuse(port_field, "InvalidBackend", "port needs either a name or a number");
  const ObjectRef service = services::service_ref(ingress.ref.namespace_, wanted.name);
  const auto facts = lookup.read<&services::service_facts>(service);
  if (!facts) return refuse(name_field, "ServiceNotFound", text::cat("there is no ", to_text(service)));
  if (facts->external_name) {
    return refuse(name_field, "ExternalNameNotAllowed",
                  text::cat(to_text(service), " is of type ExternalName, which is not allowed"));
  }
  const ServicePortFacts* port = find_port(*facts, wanted.port);
  if (port == nullptr) {
    return refuse(kube::field(port_field, wanted.port.name.empty() ? "number" : "name"), "PortNotFound",
                  text::cat(to_text(service), " has no TCP port ", written(wanted.port)));
  }
  return to_port(service, port->number);
}

}  // namespace

std::optional<Target> target_of(const kube::IngressBackend& backend, std::string_view field,
                                const kube::Object& ingress, const Lookup& lookup, Findings& findings) {
  if (backend.service && !backend.resource) {
    return to_service(*backend.service, kube::field(field, "service"), ingress, lookup, findings);
  }
  if (backend.resource && !backend.service) {
    findings.add(Verdict::rejected, kube::field(field, "resource"), "ResourceNotSupported",
                 text::cat("backends of kind ", backend.resource->kind, " are not supported: the path is left out"));
    return std::nullopt;
  }
  findings.add(Verdict::rejected, field, "InvalidBackend",
               "a backend needs either a service or a resource: requests get 503");
  return unavailable();
}

}  // namespace sallyport::dialects::ingress
