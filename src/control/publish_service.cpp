// SPDX-License-Identifier: Apache-2.0
#include "control/publish_service.hpp"

#include <algorithm>
#include <string_view>

namespace sallyport::control {
namespace {

using Texts = std::vector<std::string>;

void add(const std::string& address, Texts& all) {
  if (address.empty() || address == "None" || std::ranges::find(all, address) != all.end()) return;
  all.push_back(address);
}

void add(const kube::List<std::string>& addresses, Texts& all) {
  for (const auto& address : addresses) {
    if (address) add(*address, all);
  }
}

// As a status has it: the API server takes a final dot in the name of a Service, and none in a status.
std::string_view without_final_dot(std::string_view name) {
  return name.ends_with('.') ? name.substr(0, name.size() - 1) : name;
}

void add(const kube::LoadBalancerStatus& status, Texts& all) {
  for (const auto& entry : status.ingress) {
    if (!entry) continue;
    add(entry->ip, all);
    if (entry->ip.empty()) add(entry->hostname, all);
  }
}

}  // namespace

std::optional<Texts> addresses_of(const kube::Object& object) {
  const auto* const service = kube::as<kube::Service>(object);
  if (service == nullptr) return std::nullopt;
  for (const char* const field : {"spec.type", "spec.clusterIP", "spec.clusterIPs", "spec.externalIPs",
                                  "spec.externalName", "status.loadBalancer"}) {
    if (object.invalid_within(field) != nullptr) return std::nullopt;
  }
  const kube::ServiceSpec& spec = service->spec;
  Texts all;
  if (spec.type == kube::ServiceType::external_name) {
    add(std::string(without_final_dot(spec.external_name)), all);
    return all;
  }
  if (spec.type == kube::ServiceType::load_balancer) add(service->status.load_balancer, all);
  add(spec.external_ips, all);
  if (!all.empty() || spec.type == kube::ServiceType::load_balancer) return all;
  add(spec.cluster_ip, all);
  add(spec.cluster_ips, all);
  return all;
}

}  // namespace sallyport::control
