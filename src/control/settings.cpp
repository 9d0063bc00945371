// SPDX-License-Identifier: Apache-2.0
#include "control/settings.hpp"

#include <array>

namespace sallyport::control {

std::vector<syntax::IpAddress> every_address() {
  static constexpr std::array<std::uint8_t, 4> v4_any{};
  return {syntax::IpAddress(), syntax::IpAddress::from_v4(v4_any)};
}

dialects::DialectSettings dialect_settings(const Settings& settings) {
  return {
      .endpoints = {.loopback = settings.loopback_endpoints},
      .ingress = {.watch_without_class = settings.watch_without_class, .paths = settings.paths},
  };
}

model::Listener http_listener(const Settings& settings) {
  model::Listener listener;
  listener.id = "http";
  listener.port = 80;
  listener.origin.field = "--address";
  const auto mapped = settings.port_map.find(listener.port);
  const std::uint16_t port = mapped == settings.port_map.end() ? listener.port : mapped->second;
  for (const syntax::IpAddress& address : settings.addresses) listener.addresses.push_back({address, port});
  listener.proxy_headers = settings.proxy_headers;
  listener.chain.push_back(model::ForwardedHeaders{.trusted = settings.trusted_proxies});
  listener.chain.push_back(model::RequestId{.trusted = settings.trusted_proxies});
  return listener;
}

}  // namespace sallyport::control
