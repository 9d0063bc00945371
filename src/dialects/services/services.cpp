// SPDX-License-Identifier: Apache-2.0
#include "dialects/services/services.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "base/text.hpp"
#include "dialects/certificates/server_names.hpp"
#include "dialects/findings.hpp"
#include "dialects/services/certificate_authorities.hpp"
#include "dialects/services/external_host.hpp"
#include "dialects/services/service_facts.hpp"
#include "dialects/services/upstream.hpp"
#include "dialects/services/upstream_annotations.hpp"

namespace sallyport::dialects::services {
namespace {

using Groups = std::vector<AddressGroup>;

constexpr std::array<RootKind, 3> root_kinds = {{
    {"", "Service"},
    {"discovery.k8s.io", "EndpointSlice"},
    {"", "Endpoints"},
}};

std::vector<ObjectRef> service_of_slice(const kube::Object& object) {
  if (kube::as<kube::EndpointSlice>(object) == nullptr) return {};
  const auto label = object.meta.labels.find(kube::service_name_label);
  if (label == object.meta.labels.end()) return {};
  return {service_ref(object.ref.namespace_, label->second)};
}

constexpr Index slices_by_service = {"slices by Service", service_of_slice};
constexpr std::array<const Index*, 1> all_indexes = {&slices_by_service};

// Projections know no settings, so there is one for each policy.
template <AddressPolicy policy>
Groups groups_of_slice(const kube::Object& object) {
  return read_slice(object, policy).groups;
}
template <AddressPolicy policy>
Groups groups_of_endpoints(const kube::Object& object) {
  return read_endpoints(object, policy).groups;
}

template <AddressPolicy policy>
Groups read_groups(const ObjectRef& service, const Lookup& lookup) {
  Groups all;
  const auto slices = lookup.list<&groups_of_slice<policy>>(slices_by_service, service);
  for (const auto& slice : slices) all.insert(all.end(), slice.value->begin(), slice.value->end());
  if (!slices.empty()) return all;
  const ObjectRef endpoints{.group = "", .kind = "Endpoints", .namespace_ = service.namespace_, .name = service.name};
  if (const auto read = lookup.read<&groups_of_endpoints<policy>>(endpoints)) all = *read;
  return all;
}

Groups read_groups(const AddressPolicy& policy, const ObjectRef& service, const Lookup& lookup) {
  constexpr AddressPolicy loopback{.loopback = true, .names = false};
  constexpr AddressPolicy names{.loopback = false, .names = true};
  constexpr AddressPolicy both{.loopback = true, .names = true};
  constexpr AddressPolicy neither{.loopback = false, .names = false};
  if (policy.loopback) {
    return policy.names ? read_groups<both>(service, lookup) : read_groups<loopback>(service, lookup);
  }
  return policy.names ? read_groups<names>(service, lookup) : read_groups<neither>(service, lookup);
}

// Slices may overlap: each address or name, and port, once, and active if any slice says so.
template <class Key>
void note(std::map<Key, model::Endpoint::State>& states, Key key, model::Endpoint::State state) {
  const auto [at, fresh] = states.try_emplace(std::move(key), state);
  if (!fresh) at->second = std::min(at->second, state);
}

void add_endpoints(model::EndpointSet& set, const Groups& groups, std::string_view port_name) {
  std::map<syntax::SocketAddress, model::Endpoint::State> addresses;
  std::map<std::pair<std::string, std::uint16_t>, model::Endpoint::State> names;
  for (const AddressGroup& group : groups) {
    for (const NamedPort& port : group.ports) {
      if (port.name != port_name) continue;
      for (const ServingAddress& one : group.addresses) note(addresses, {one.ip, port.number}, one.state);
      for (const ServingName& one : group.names) note(names, {one.host, port.number}, one.state);
    }
  }
  for (const auto& [address, state] : addresses) set.endpoints.push_back({address, state});
  for (const auto& [name, state] : names) set.names.push_back({name.first, name.second, state});
}

// So that Secrets and ConfigMaps know that something refers to them.
std::vector<Claim> uses_of(const kube::Object& service) {
  const UpstreamAnnotations annotations = upstream_annotations(service);
  std::vector<Claim> uses;
  const auto use = [&](const std::optional<ObjectRef>& what, std::string_view annotation) {
    if (!what) return;
    Claim claim = certificates::claim_upstream_use(*what, service, kube::field("metadata.annotations", annotation));
    // Each group is claimed once: both may be in one Secret.
    if (uses.empty() || uses.front().group != claim.group) uses.push_back(std::move(claim));
  };
  const std::string& where = service.ref.namespace_;
  if (annotations.ca) use(authorities_ref(*annotations.ca, where), upstream_ca);
  if (annotations.client_certificate) {
    use(client_certificate_ref(*annotations.client_certificate, where), upstream_client_certificate);
  }
  return uses;
}

void add_external(model::EndpointSet& set, const kube::ServicePort& port, const std::string& host,
                  std::string_view field, Findings& findings) {
  const std::uint16_t number = external_port(port);
  if (number != 0) return set.names.push_back({.host = host, .port = number});
  findings.add(Verdict::rejected, field, "InvalidTargetPort",
               "of an external name it is a number, for nothing else says which port a name is: requests get 503");
}

// A misspelt one would be missed by whoever wrote it.
void note_unknown_annotations(const kube::Object& service, Findings& findings) {
  for (const auto& [name, value] : service.meta.annotations) {
    if (!name.starts_with("sallyport.dev/") || is_upstream_annotation(name)) continue;
    findings.add(Verdict::warning, kube::field("metadata.annotations", name), "UnknownAnnotation",
                 text::cat("annotation ", name, " has no meaning for a Service in this version"));
  }
}

std::string nothing_serves(const Groups& groups, std::string_view port_name) {
  const std::string port = port_name.empty() ? std::string("the unnamed port") : text::cat("port \"", port_name, "\"");
  if (groups.empty()) return "no EndpointSlice gives it addresses: requests get 503";
  for (const AddressGroup& group : groups) {
    if (std::ranges::find(group.ports, port_name, &NamedPort::name) != group.ports.end()) {
      return text::cat("no endpoint of ", port, " is ready: requests get 503");
    }
  }
  return text::cat("its EndpointSlices do not have ", port, ": requests get 503");
}

}  // namespace

std::span<const RootKind> Services::roots() const { return root_kinds; }
std::span<const Index* const> Services::indexes() const { return all_indexes; }

std::vector<Finding> Services::faults(const kube::Object& root) const {
  Findings findings(root);
  if (kube::as<kube::Service>(root) != nullptr) {
    findings.add_complaints_at({"spec.type", "spec.ports"});
  } else if (kube::as<kube::EndpointSlice>(root) != nullptr) {
    findings.add_complaints_at({"addressType", "endpoints", "ports", "metadata.labels[kubernetes.io/service-name]"});
  } else {
    findings.add_complaints_at({"subsets"});
  }
  return findings.take();
}

Translation Services::translate(const kube::Object& root, const Lookup& lookup) const {
  return kube::as<kube::Service>(root) != nullptr ? translate_service(root, lookup) : translate_addresses(root);
}

// Says only what is wrong with it: the addresses go where the Service is translated.
Translation Services::translate_addresses(const kube::Object& root) const {
  Translation translation;
  const bool is_slice = kube::as<kube::EndpointSlice>(root) != nullptr;
  EndpointReading reading = is_slice ? read_slice(root, policy_) : read_endpoints(root, policy_);
  Findings findings(root);
  findings.add_complaints();
  if (is_slice && service_of_slice(root).empty()) {
    translation.ours = false;
    findings.add(Verdict::ignored, "metadata.labels", "NoService",
                 text::cat("no label ", kube::service_name_label, " says which Service it belongs to"));
  }
  if (const auto* slice = kube::as<kube::EndpointSlice>(root)) {
    translation.ours = translation.ours && (policy_.names || slice->address_type != kube::AddressType::fqdn);
  }
  translation.findings = findings.take();
  for (Finding& finding : reading.findings) translation.findings.push_back(std::move(finding));
  return translation;
}

Translation Services::translate_service(const kube::Object& root, const Lookup& lookup) const {
  Translation translation;
  Findings findings(root);
  findings.add_complaints();
  const kube::ServiceSpec& spec = kube::as<kube::Service>(root)->spec;
  const bool is_external = spec.type == kube::ServiceType::external_name;
  if (is_external && !policy_.names) {
    translation.ours = false;
    findings.add(
        Verdict::ignored, "spec.type", "ExternalNameNotAllowed",
        text::cat("Services of type ExternalName are not allowed: the name could lead anywhere", names_option));
    translation.findings = findings.take();
    return translation;
  }
  const std::string host = is_external ? host_to_resolve(spec.external_name) : std::string();
  if (is_external && host.empty()) {
    findings.add(Verdict::rejected, "spec.externalName", "InvalidExternalName",
                 text::cat("\"", spec.external_name, "\" is no host name: requests get 503"));
    translation.findings = findings.take();
    return translation;
  }
  const Groups groups = is_external ? Groups() : read_groups(policy_, root.ref, lookup);
  std::set<std::uint16_t> seen;
  for (std::size_t at = 0; at < spec.ports.size(); ++at) {
    const auto& port = spec.ports[at];
    if (!port || port->protocol != kube::Protocol::tcp) continue;
    const std::string field = kube::field("spec.ports", at);
    if (!seen.insert(port->port).second) {
      findings.add(Verdict::rejected, field, "DuplicatePort", text::cat("port ", port->port, " is given twice"));
      continue;
    }
    model::EndpointSet set{
        .id = endpoint_set_id(root.ref, port->port), .endpoints = {}, .origin = origin_of(root, field)};
    if (is_external) {
      add_external(set, *port, host, kube::field(field, "targetPort"), findings);
    } else {
      add_endpoints(set, groups, port->name);
      if (set.is_empty()) findings.add(Verdict::warning, field, "NoEndpoints", nothing_serves(groups, port->name));
    }
    translation.endpoint_sets.push_back(std::move(set));
  }
  translation.claims = uses_of(root);
  note_unknown_annotations(root, findings);
  for (UpstreamProblem& problem : upstream_problems(root.ref, service_facts(root), lookup)) {
    const bool closes = problem.verdict == Verdict::rejected;
    findings.add(problem.verdict, kube::field("metadata.annotations", problem.annotation), problem.reason,
                 closes ? text::cat(problem.message, ": requests get 503") : std::move(problem.message));
  }
  translation.findings = findings.take();
  return translation;
}

}  // namespace sallyport::dialects::services
