// SPDX-License-Identifier: Apache-2.0
#include "dialects/services/upstream_annotations.hpp"

#include <algorithm>
#include <array>
#include <iterator>

#include "kube/lines.hpp"

namespace sallyport::dialects::services {
namespace {

constexpr std::array<std::string_view, 6> all = {upstream_ca,     upstream_server_name,        upstream_sans,
                                                 upstream_verify, upstream_client_certificate, upstream_proxy_protocol};

}  // namespace

bool is_upstream_annotation(std::string_view name) { return std::ranges::find(all, name) != all.end(); }

UpstreamAnnotations upstream_annotations(const kube::Object& service) {
  const auto written = [&](std::string_view name) -> std::optional<std::string> {
    const auto found = service.meta.annotations.find(name);
    if (found == service.meta.annotations.end()) return std::nullopt;
    return found->second;
  };
  UpstreamAnnotations read{.ca = written(upstream_ca),
                           .server_name = written(upstream_server_name),
                           .sans = written(upstream_sans),
                           .verify = written(upstream_verify),
                           .client_certificate = written(upstream_client_certificate),
                           .proxy_protocol = written(upstream_proxy_protocol),
                           .unreadable = {}};
  std::ranges::copy_if(all, std::back_inserter(read.unreadable), [&](std::string_view name) {
    return service.invalid_within(kube::field("metadata.annotations", name)) != nullptr;
  });
  return read;
}

}  // namespace sallyport::dialects::services
