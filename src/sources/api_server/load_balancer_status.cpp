// SPDX-License-Identifier: Apache-2.0
#include "sources/api_server/load_balancer_status.hpp"

#include <algorithm>
#include <utility>

#include "syntax/address.hpp"

namespace sallyport::sources::api_server {

Addresses sorted(Addresses addresses) {
  std::ranges::sort(addresses);
  const auto repeated = std::ranges::unique(addresses);
  addresses.erase(repeated.begin(), repeated.end());
  return addresses;
}

std::optional<Addresses> addresses_in(const kube::Object& object) {
  const auto* const ingress = kube::as<kube::Ingress>(object);
  if (ingress == nullptr || object.invalid_within("status.loadBalancer") != nullptr) return std::nullopt;
  Addresses addresses;
  for (const auto& entry : ingress->status.load_balancer.ingress) {
    const bool is_one_address = entry && entry->ip.empty() != entry->hostname.empty() && entry->ports.empty();
    if (!is_one_address || entry->ip_mode) return std::nullopt;
    addresses.push_back(entry->ip.empty() ? entry->hostname : entry->ip);
  }
  std::ranges::sort(addresses);
  return addresses;
}

void write_load_balancer(JsonWriter& json, const Addresses& addresses) {
  json.begin_object().key("ingress").begin_array();
  for (const std::string& address : addresses) {
    const bool is_ip = syntax::IpAddress::parse(address).has_value();
    json.begin_object().member(is_ip ? "ip" : "hostname", address).end_object();
  }
  json.end_array().end_object();
}

std::string addresses_patch(const Addresses& addresses, std::string_view resource_version) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().key("metadata").begin_object().member("resourceVersion", resource_version).end_object();
  json.key("status").begin_object().key("loadBalancer");
  write_load_balancer(json, addresses);
  json.end_object().end_object();
  return out;
}

}  // namespace sallyport::sources::api_server
