// SPDX-License-Identifier: Apache-2.0
#include "dialects/services/target.hpp"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>
#include <variant>

#include "base/text.hpp"
#include "dialects/services/external_host.hpp"
#include "dialects/services/service_facts.hpp"
#include "dialects/services/upstream.hpp"

namespace sallyport::dialects::services {
namespace {

Target to_port(const ObjectRef& service, std::uint16_t port, Upstream upstream) {
  const model::Id set = endpoint_set_id(service, port);
  model::Backend backend{
      .id = text::cat(upstream_key(upstream), " ", set),
      .endpoint_set = set,
      .protocol = upstream.protocol,
      .tls = std::move(upstream.tls),
      .proxy_protocol = upstream.proxy_protocol,
      .origin = {.object = service, .file = {}, .line = 0, .field = {}},
  };
  model::Destination destination;
  destination.target = model::BackendRef{.backend = backend.id};
  return {.backend = std::move(backend), .destination = std::move(destination)};
}

std::string written(const kube::IntOrString& port) {
  const auto* name = std::get_if<std::string>(&port);
  return name == nullptr ? text::cat(std::get<std::uint32_t>(port)) : text::cat("\"", *name, "\"");
}

const ServicePortFacts* find_port(const ServiceFacts& service, const kube::IntOrString& wanted) {
  const auto* name = std::get_if<std::string>(&wanted);
  const auto fits = [&](const ServicePortFacts& port) {
    return port.protocol == kube::Protocol::tcp &&
           (name == nullptr ? port.number == std::get<std::uint32_t>(wanted) : port.name == *name);
  };
  const auto found = std::ranges::find_if(service.ports, fits);
  return found == service.ports.end() ? nullptr : &*found;
}

// An external name that lists no ports is one host with all of its ports; a name of one of them means nothing.
std::optional<ServicePortFacts> any_port(const ServiceFacts& service, const kube::IntOrString& wanted) {
  const auto* number = std::get_if<std::uint32_t>(&wanted);
  if (!service.external_name || !service.ports.empty() || number == nullptr) return std::nullopt;
  if (*number == 0 || *number > std::numeric_limits<std::uint16_t>::max()) return std::nullopt;
  return ServicePortFacts{.name = {}, .number = static_cast<std::uint16_t>(*number), .app_protocol = {}};
}

model::EndpointSet external_endpoints(const ObjectRef& service, std::uint16_t port, const std::string& host) {
  return {.id = endpoint_set_id(service, port),
          .endpoints = {},
          .origin = {.object = service, .file = {}, .line = 0, .field = {}},
          .names = {{.host = host, .port = port}}};
}

}  // namespace

Target unavailable() {
  model::Destination answer;
  answer.target = model::FixedAnswer{.code = Code::no_service};
  return {.backend = std::nullopt, .destination = std::move(answer)};
}

Target target_of(const ObjectRef& service, const kube::IntOrString& port, const ReferenceFields& fields,
                 const Lookup& lookup, Findings& findings, const AddressPolicy& policy) {
  const auto refuse = [&](std::string_view field, std::string_view reason, std::string_view message) {
    findings.add(Verdict::rejected, field, reason, text::cat(message, ": requests get 503"));
    return unavailable();
  };
  const auto facts = lookup.read<&service_facts>(service);
  if (!facts) return refuse(fields.name, "ServiceNotFound", text::cat("there is no ", to_text(service)));
  if (facts->external_name && !policy.names) {
    return refuse(fields.name, "ExternalNameNotAllowed",
                  text::cat(to_text(service), " is of type ExternalName, which is not allowed", names_option));
  }
  if (facts->external_name && facts->external_host.empty()) {
    return refuse(fields.name, "InvalidExternalName",
                  text::cat("externalName of ", to_text(service), " is no host name"));
  }
  const std::optional<ServicePortFacts> any = any_port(*facts, port);
  const ServicePortFacts* found = any ? &*any : find_port(*facts, port);
  if (found == nullptr) {
    return refuse(fields.port, "PortNotFound", text::cat(to_text(service), " has no TCP port ", written(port)));
  }
  Upstream upstream = read_upstream(service, found->app_protocol, *facts, lookup);
  if (const UpstreamProblem* closed = upstream.closed_by()) {
    return refuse(fields.name, closed->reason, text::cat(to_text(service), ": ", closed->message));
  }
  if (!upstream.knows_app_protocol) {
    findings.add(Verdict::warning, fields.port, "AppProtocolUnknown",
                 text::cat("spec.ports[", found->index, "].appProtocol of ", to_text(service), " is \"",
                           found->app_protocol, "\", which is not known: it is spoken to by HTTP/1.1"));
  }
  Target target = to_port(service, found->number, std::move(upstream));
  if (any) target.endpoints = external_endpoints(service, found->number, facts->external_host);
  return target;
}

}  // namespace sallyport::dialects::services
