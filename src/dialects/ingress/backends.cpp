// SPDX-License-Identifier: Apache-2.0
#include "dialects/ingress/backends.hpp"

#include <string>

#include "base/text.hpp"
#include "dialects/services/service_facts.hpp"

namespace sallyport::dialects::ingress {
namespace {

using services::Target;

// Exactly one of name and number.
bool is_clear(const kube::ServiceBackendPort& port) {
  const bool numbered = port.number.value_or(0) != 0;
  return numbered == port.name.empty();
}

Target to_service(const kube::IngressServiceBackend& wanted, std::string_view field, const kube::Object& ingress,
                  const Lookup& lookup, Findings& findings, const services::AddressPolicy& policy) {
  const std::string port_field = kube::field(field, "port");
  if (!is_clear(wanted.port)) {
    findings.add(Verdict::rejected, port_field, "InvalidBackend",
                 "port needs either a name or a number: requests get 503");
    return services::unavailable();
  }
  const bool named = !wanted.port.name.empty();
  const kube::IntOrString port =
      named ? kube::IntOrString(wanted.port.name) : kube::IntOrString(std::uint32_t{*wanted.port.number});
  return services::target_of(
      services::service_ref(ingress.ref.namespace_, wanted.name), port,
      {.name = kube::field(field, "name"), .port = kube::field(port_field, named ? "name" : "number")}, lookup,
      findings, policy);
}

}  // namespace

std::optional<Target> target_of(const kube::IngressBackend& backend, std::string_view field,
                                const kube::Object& ingress, const Lookup& lookup, Findings& findings,
                                const services::AddressPolicy& policy) {
  if (backend.service && !backend.resource) {
    return to_service(*backend.service, kube::field(field, "service"), ingress, lookup, findings, policy);
  }
  if (backend.resource && !backend.service) {
    findings.add(Verdict::rejected, kube::field(field, "resource"), "ResourceNotSupported",
                 text::cat("backends of kind ", backend.resource->kind, " are not supported: the path is left out"));
    return std::nullopt;
  }
  findings.add(Verdict::rejected, field, "InvalidBackend",
               "a backend needs either a service or a resource: requests get 503");
  return services::unavailable();
}

}  // namespace sallyport::dialects::ingress
