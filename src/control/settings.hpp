// SPDX-License-Identifier: Apache-2.0
// What the operator says by options rather than by objects, as far as control needs it, and the listeners that come of
// it.

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/object_ref.hpp"
#include "dialects/all.hpp"
#include "model/parts.hpp"
#include "syntax/address.hpp"
#include "syntax/path.hpp"

namespace sallyport::control {

// Every address of the machine: [::] and 0.0.0.0, as two sockets.
std::vector<syntax::IpAddress> every_address();

struct Settings {
  std::vector<syntax::IpAddress> addresses = every_address();  // --address
  std::map<std::uint16_t, std::uint16_t> port_map;             // --port-map: what users call it, what is bound
  std::vector<syntax::Cidr> trusted_proxies;                   // --trusted-proxies
  model::ProxyHeaders proxy_headers;                           // --proxy-protocol, --proxy-protocol-from
  bool watch_without_class = true;                             // --watch-without-class
  bool loopback_endpoints = true;                // for objects that come from this machine's administrator
  bool external_names = false;                   // --allow-external-names: endpoints that are names
  syntax::PathOptions paths;                     // --encoded-slash, --merge-slashes
  std::vector<std::string> publish_addresses;    // --publish-address, for status.loadBalancer: IPs or host names
  std::optional<ObjectRef> publish_service;      // --publish-service: a Service whose addresses these are instead
  std::optional<ObjectRef> default_certificate;  // --default-certificate: a Secret
  bool https_redirect = false;                   // --https-redirect
};

dialects::DialectSettings dialect_settings(const Settings& settings);

// Port 80, speaking HTTP, with the filters that every request passes.
model::Listener http_listener(const Settings& settings);
// Port 443, speaking TLS, with the same.
model::Listener https_listener(const Settings& settings);

}  // namespace sallyport::control
