// SPDX-License-Identifier: Apache-2.0
#include "control/settings.hpp"

#include <array>
#include <string_view>

#include "dialects/certificates/server_names.hpp"

namespace sallyport::control {
namespace {

constexpr std::uint16_t http_port = 80;
constexpr std::uint16_t https_port = 443;

std::uint16_t bound_port(const Settings& settings, std::uint16_t port) {
  const auto mapped = settings.port_map.find(port);
  return mapped == settings.port_map.end() ? port : mapped->second;
}

model::Listener listener(const Settings& settings, std::string_view id, std::uint16_t port) {
  model::Listener made;
  made.id = id;
  made.port = port;
  made.origin.field = "--address";
  const std::uint16_t bound = bound_port(settings, port);
  for (const syntax::IpAddress& address : settings.addresses) made.addresses.push_back({address, bound});
  made.proxy_headers = settings.proxy_headers;
  made.chain.push_back(model::ForwardedHeaders{.trusted = settings.trusted_proxies});
  made.chain.push_back(model::RequestId{.trusted = settings.trusted_proxies});
  return made;
}

}  // namespace

std::vector<syntax::IpAddress> every_address() {
  static constexpr std::array<std::uint8_t, 4> v4_any{};
  return {syntax::IpAddress(), syntax::IpAddress::from_v4(v4_any)};
}

dialects::DialectSettings dialect_settings(const Settings& settings) {
  const dialects::services::AddressPolicy endpoints{.loopback = settings.loopback_endpoints,
                                                    .names = settings.external_names};
  return {
      .endpoints = endpoints,
      .ingress = {.watch_without_class = settings.watch_without_class,
                  .paths = settings.paths,
                  .tls = {.default_certificate = settings.default_certificate.has_value(),
                          .redirect = settings.https_redirect,
                          .bound_http = bound_port(settings, http_port),
                          .bound_https = bound_port(settings, https_port)},
                  .endpoints = endpoints},
      .default_certificate = settings.default_certificate,
  };
}

model::Listener http_listener(const Settings& settings) { return listener(settings, "http", http_port); }

model::Listener https_listener(const Settings& settings) {
  model::Listener made = listener(settings, "https", https_port);
  made.tls = true;
  if (settings.default_certificate)
    made.default_certificate = dialects::certificates::certificate_id(*settings.default_certificate);
  return made;
}

}  // namespace sallyport::control
