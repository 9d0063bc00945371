// SPDX-License-Identifier: Apache-2.0
#include "dialects/services/endpoint_reading.hpp"

#include <optional>
#include <string_view>
#include <utility>

#include "base/text.hpp"
#include "dialects/findings.hpp"
#include "dialects/services/external_host.hpp"
#include "syntax/special_address.hpp"

namespace sallyport::dialects::services {
namespace {

using State = model::Endpoint::State;

// Nothing that a proxy may be talked into reaching: everyone, nobody, a neighbour on the link, a cloud's metadata. What
// leads to loopback by a translator is no endpoint on this machine.
std::string_view refusal(const syntax::IpAddress& ip, const AddressPolicy& policy) {
  if (ip.is_loopback() && policy.loopback) return {};
  return syntax::special_kind(ip);
}

// The address if it may be used; otherwise a finding says why not.
std::optional<syntax::IpAddress> usable(std::string_view written, std::string_view field, const AddressPolicy& policy,
                                        Findings& findings) {
  const auto ip = syntax::IpAddress::parse(written);
  if (!ip) {
    findings.add(Verdict::rejected, field, "InvalidAddress", text::cat("\"", written, "\" is no IP address"));
    return std::nullopt;
  }
  if (const auto why = refusal(*ip, policy); !why.empty()) {
    findings.add(Verdict::rejected, field, "AddressRefused", text::cat(written, " is ", why, ", which is no endpoint"));
    return std::nullopt;
  }
  return *ip;
}

// An absent ready counts as true, an absent serving as ready, an absent terminating as false. A pod that is not ready
// but terminates and still serves is draining; every other one is gone.
std::optional<State> state_of(const kube::EndpointConditions& conditions) {
  if (conditions.ready.value_or(true)) return State::active;
  if (conditions.serving.value_or(false) && conditions.terminating.value_or(false)) return State::draining;
  return std::nullopt;
}

bool is_v4(kube::AddressType type) { return type == kube::AddressType::ipv4; }

std::vector<NamedPort> slice_ports(const kube::EndpointSlice& slice, Findings& findings) {
  std::vector<NamedPort> ports;
  for (std::size_t at = 0; at < slice.ports.size(); ++at) {
    const auto& port = slice.ports[at];
    if (!port || port->protocol != kube::Protocol::tcp) continue;
    if (port->port.value_or(0) == 0) {
      findings.add(Verdict::ignored, kube::field("ports", at), "NoPortNumber",
                   "a port without number means every port, and none can be chosen from it");
      continue;
    }
    ports.push_back({port->name, *port->port});
  }
  return ports;
}

// The one that counts; none: a finding or a complaint says why.
const std::string* first_address(const kube::SliceEndpoint& endpoint, std::string_view addresses, Findings& findings) {
  if (endpoint.addresses.empty()) {
    findings.add(Verdict::rejected, addresses, "NoAddress", "addresses is empty");
    return nullptr;
  }
  if (endpoint.addresses.size() > 1) {
    findings.add(Verdict::warning, addresses, "MoreAddresses",
                 "only the first of addresses is used: Kubernetes gives the others no meaning");
  }
  const auto& first = endpoint.addresses.front();
  return first ? &*first : nullptr;
}

std::optional<ServingName> slice_name(const kube::SliceEndpoint& endpoint, std::string_view field, Findings& findings) {
  const auto state = state_of(endpoint.conditions);
  const std::string addresses = kube::field(field, "addresses");
  const std::string* const written = first_address(endpoint, addresses, findings);
  if (written == nullptr) return std::nullopt;
  std::string host = host_to_resolve(*written);
  if (host.empty()) {
    findings.add(Verdict::rejected, kube::field(addresses, std::size_t{0}), "InvalidAddress",
                 text::cat("\"", *written, "\" is no host name, which addressType FQDN asks for"));
  }
  if (host.empty() || !state) return std::nullopt;
  return ServingName{std::move(host), *state};
}

std::optional<ServingAddress> slice_address(const kube::SliceEndpoint& endpoint, std::string_view field,
                                            kube::AddressType type, const AddressPolicy& policy, Findings& findings) {
  const auto state = state_of(endpoint.conditions);
  const std::string addresses = kube::field(field, "addresses");
  const std::string* const written = first_address(endpoint, addresses, findings);
  if (written == nullptr) return std::nullopt;
  const std::string first = kube::field(addresses, std::size_t{0});
  const auto ip = usable(*written, first, policy, findings);
  if (!ip || !state) return std::nullopt;
  if (ip->is_v4() != is_v4(type)) {
    findings.add(Verdict::rejected, first, "InvalidAddress",
                 text::cat(*written, " is not of addressType ", is_v4(type) ? "IPv4" : "IPv6"));
    return std::nullopt;
  }
  return ServingAddress{*ip, *state};
}

std::vector<NamedPort> subset_ports(const kube::EndpointSubset& subset) {
  std::vector<NamedPort> ports;
  for (const auto& port : subset.ports) {
    if (port && port->protocol == kube::Protocol::tcp) ports.push_back({port->name, port->port});
  }
  return ports;
}

}  // namespace

EndpointReading read_slice(const kube::Object& object, const AddressPolicy& policy) {
  EndpointReading reading;
  const auto* slice = kube::as<kube::EndpointSlice>(object);
  if (slice == nullptr) return reading;
  Findings findings(object);
  const bool is_fqdn = slice->address_type == kube::AddressType::fqdn;
  if (is_fqdn && !policy.names) {
    findings.add(Verdict::ignored, "addressType", "FqdnNotAllowed",
                 text::cat("endpoints by name are not allowed: they could lead anywhere", names_option));
  } else {
    AddressGroup group{.ports = slice_ports(*slice, findings), .addresses = {}};
    for (std::size_t at = 0; at < slice->endpoints.size(); ++at) {
      if (!slice->endpoints[at]) continue;
      const kube::SliceEndpoint& endpoint = *slice->endpoints[at];
      const std::string field = kube::field("endpoints", at);
      if (is_fqdn) {
        if (auto named = slice_name(endpoint, field, findings)) group.names.push_back(*std::move(named));
        continue;
      }
      const auto address = slice_address(endpoint, field, slice->address_type, policy, findings);
      if (address) group.addresses.push_back(*address);
    }
    reading.groups.push_back(std::move(group));
  }
  reading.findings = findings.take();
  return reading;
}

EndpointReading read_endpoints(const kube::Object& object, const AddressPolicy& policy) {
  EndpointReading reading;
  const auto* endpoints = kube::as<kube::Endpoints>(object);
  if (endpoints == nullptr) return reading;
  Findings findings(object);
  for (std::size_t at = 0; at < endpoints->subsets.size(); ++at) {
    const auto& subset = endpoints->subsets[at];
    if (!subset) continue;
    AddressGroup group{.ports = subset_ports(*subset), .addresses = {}};
    const std::string addresses = kube::field(kube::field("subsets", at), "addresses");
    for (std::size_t i = 0; i < subset->addresses.size(); ++i) {
      if (!subset->addresses[i]) continue;
      const auto ip = usable(subset->addresses[i]->ip, kube::field(kube::field(addresses, i), "ip"), policy, findings);
      if (ip) group.addresses.push_back({*ip, State::active});
    }
    reading.groups.push_back(std::move(group));
  }
  reading.findings = findings.take();
  return reading;
}

}  // namespace sallyport::dialects::services
