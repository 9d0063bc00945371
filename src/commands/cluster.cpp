// SPDX-License-Identifier: Apache-2.0
#include "commands/cluster.hpp"

#include <utility>

#include "base/text.hpp"
#include "sallyport_version.hpp"
#include "sources/api_server/find_access.hpp"
#include "sources/api_server/identity.hpp"

namespace sallyport::commands {

namespace api_server = sources::api_server;

namespace {

// Its return is seen at once: a connection that is refused costs nobody anything.
constexpr net::Duration longest_pause{1'500};

api_server::ClientOptions client_options() {
  api_server::ClientOptions options;
  options.user_agent = text::cat("sallyport/", sallyport::version, " (kubernetes)");
  options.pauses.longest = longest_pause;
  return options;
}

}  // namespace

std::string to_text(const ClusterOptions& options) {
  std::string out = options.kubeconfig.empty() ? "--kubernetes" : "--kubeconfig " + options.kubeconfig;
  if (!options.context.empty()) out += " --context " + options.context;
  if (options.allow_insecure) out += " --insecure-api-server";
  for (const std::string& one : options.namespaces) out += " --namespace " + one;
  if (!options.namespace_selector.empty()) out += text::cat(" --namespace-selector '", options.namespace_selector, "'");
  return out;
}

Result<api_server::AccessSettings> access_of(const ClusterOptions& options) {
  api_server::AccessPlaces places;
  places.kubeconfig = options.kubeconfig;
  places.choice.context = options.context;
  places.choice.allow_insecure = options.allow_insecure;
  return api_server::find_access(places);
}

std::optional<api_server::LeasePlace> lease_of(const ClusterOptions& options,
                                               const api_server::AccessSettings& access) {
  if (options.lease == "off") return std::nullopt;
  const std::size_t slash = options.lease.find('/');
  if (slash != options.lease.npos) {
    return api_server::LeasePlace{.namespace_ = options.lease.substr(0, slash),
                                  .name = options.lease.substr(slash + 1)};
  }
  if (!access.in_pod || access.namespace_.empty()) return std::nullopt;
  return api_server::LeasePlace{.namespace_ = access.namespace_, .name = "sallyport"};
}

Result<std::optional<api_server::OwnPod>> own_pod_of(const ClusterOptions& options,
                                                     const api_server::AccessSettings& access, bool is_told) {
  if (is_told || !options.publish_nodes.value_or(access.in_pod)) return std::nullopt;
  api_server::OwnPod pod;
  pod.namespace_ = api_server::process_environment("POD_NAMESPACE");
  pod.name = api_server::process_environment("POD_NAME");
  if (access.in_pod && pod.namespace_.empty()) pod.namespace_ = access.namespace_;
  if (access.in_pod && pod.name.empty()) pod.name = api_server::host_name();
  if (!pod.namespace_.empty() && !pod.name.empty()) return pod;
  if (!options.publish_nodes) return std::nullopt;
  return fail(invalid("--publish-nodes on: POD_NAMESPACE and POD_NAME have to say which pod this is"));
}

Cluster::Cluster(net::Loop& loop, api_server::AccessSettings access, const ClusterOptions& options)
    : resolver_(loop),
      client_(loop, std::move(access), resolver_, client_options()),
      source_(loop, client_,
              {.namespaces = options.namespaces, .namespace_selector = options.namespace_selector, .pace = {}}) {}

}  // namespace sallyport::commands
