// SPDX-License-Identifier: Apache-2.0
#include "commands/doubtful_options.hpp"

#include <algorithm>
#include <string_view>

#include "base/text.hpp"

namespace sallyport::commands {

std::vector<std::string> doubtful_options(const control::Settings& settings, const ClusterOptions& cluster) {
  std::vector<std::string> all;
  const model::ProxyHeaders& headers = settings.proxy_headers;
  if (headers.mode == model::ProxyHeaders::Mode::strict && headers.from.empty()) {
    all.emplace_back(
        "--proxy-protocol strict without --proxy-protocol-from: whoever reaches the port is believed about who the "
        "client is; name the balancers, or let nobody else reach it");
  }
  const auto& service = settings.publish_service;
  const auto& namespaces = cluster.namespaces;
  if (service && !namespaces.empty() && std::ranges::find(namespaces, service->namespace_) == namespaces.end()) {
    all.push_back(text::cat("--publish-service: its namespace ", service->namespace_,
                            " is none of --namespace, so nothing of it is ever known"));
  }
  return all;
}

std::vector<std::string> unwritten(const control::Settings& settings, const ClusterOptions& cluster,
                                   const sources::api_server::AccessSettings& access) {
  if (lease_of(cluster, access)) return {};
  const bool is_off = cluster.lease == "off";
  if (!is_off && access.in_pod) {
    return {
        "--lease: the ServiceAccount's files do not say which namespace the pod is in, so no statuses and no Events "
        "are written; NAMESPACE/NAME says which Lease to take"};
  }
  const std::string_view option = settings.publish_service                ? "--publish-service"
                                  : !settings.publish_addresses.empty()   ? "--publish-address"
                                  : cluster.publish_nodes.value_or(false) ? "--publish-nodes"
                                                                          : "";
  if (option.empty()) return {};
  return {text::cat(option, is_off ? ": no statuses are written, for --lease is off"
                                   : ": no statuses are written outside of a pod, unless --lease NAMESPACE/NAME says "
                                     "which Lease to take")};
}

}  // namespace sallyport::commands
