// SPDX-License-Identifier: Apache-2.0
// Our annotations of a Service about how its endpoints are spoken to, as written. What they mean: upstream.hpp.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kube/object.hpp"

namespace sallyport::dialects::services {

inline constexpr std::string_view upstream_ca = "sallyport.dev/upstream-ca";
inline constexpr std::string_view upstream_server_name = "sallyport.dev/upstream-server-name";
inline constexpr std::string_view upstream_sans = "sallyport.dev/upstream-sans";
inline constexpr std::string_view upstream_verify = "sallyport.dev/upstream-verify";
inline constexpr std::string_view upstream_client_certificate = "sallyport.dev/upstream-client-certificate";
inline constexpr std::string_view upstream_proxy_protocol = "sallyport.dev/upstream-proxy-protocol";

struct UpstreamAnnotations {
  std::optional<std::string> ca;
  std::optional<std::string> server_name;
  std::optional<std::string> sans;
  std::optional<std::string> verify;
  std::optional<std::string> client_certificate;
  std::optional<std::string> proxy_protocol;
  std::vector<std::string_view> unreadable;  // those of the names above whose values, if there are any, were lost

  bool operator==(const UpstreamAnnotations&) const = default;
};

bool is_upstream_annotation(std::string_view name);
UpstreamAnnotations upstream_annotations(const kube::Object& service);

}  // namespace sallyport::dialects::services
