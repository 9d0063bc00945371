// SPDX-License-Identifier: Apache-2.0
#include "dialects/services/upstream_annotations.hpp"

namespace sallyport::dialects::services {

UpstreamAnnotations upstream_annotations(const kube::Object& service) {
  const auto written = [&](std::string_view name) -> std::optional<std::string> {
    const auto found = service.meta.annotations.find(name);
    if (found == service.meta.annotations.end()) return std::nullopt;
    return found->second;
  };
  return {.ca = written(upstream_ca),
          .server_name = written(upstream_server_name),
          .sans = written(upstream_sans),
          .verify = written(upstream_verify),
          .client_certificate = written(upstream_client_certificate),
          .proxy_protocol = written(upstream_proxy_protocol)};
}

}  // namespace sallyport::dialects::services
