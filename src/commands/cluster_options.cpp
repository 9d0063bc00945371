// SPDX-License-Identifier: Apache-2.0
#include "commands/cluster_options.hpp"

#include <CLI/CLI.hpp>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "commands/option_values.hpp"
#include "syntax/host.hpp"

namespace sallyport::commands {
namespace {

bool is_namespace(const std::string& text) {
  return text.size() <= 63 && syntax::is_hostname(text) && !text.contains('.');
}

}  // namespace

void add_lease_option(CLI::App& app, ClusterOptions& options) {
  app.add_option_function<std::string>(
      "--lease",
      [&options](const std::string& text) {
        if (text != "off") static_cast<void>(named("--lease", "Lease, or off", text));
        options.lease = text;
      },
      "NAMESPACE/NAME of the Lease by which one replica writes statuses and Events, or off (default: in a pod "
      "'sallyport' in its namespace, else off)");
}

void add_publish_nodes_option(CLI::App& app, ClusterOptions& options) {
  app.add_option_function<std::string>(
         "--publish-nodes", [&options](const std::string& text) { options.publish_nodes = text == "on"; },
         "Without --publish-address and --publish-service: the addresses of the nodes on which pods like this one are "
         "ready, on or off (default: on in a pod)")
      ->check(CLI::IsMember({"on", "off"}));
}

void check_publish(const ClusterOptions& cluster, const control::Settings& settings) {
  if (!cluster.publish_nodes.value_or(false)) return;
  if (settings.publish_addresses.empty() && !settings.publish_service) return;
  throw CLI::ValidationError("--publish-nodes on: --publish-address and --publish-service say something else");
}

void add_cluster_options(CLI::App& app, ClusterOptions& options) {
  app.add_flag("--kubernetes", options.is_wanted,
               "Read a cluster: that of $KUBECONFIG, of the pod that this runs in, or of ~/.kube/config");
  app.add_option("--kubeconfig", options.kubeconfig, "Read the cluster of this kubeconfig");
  app.add_option("--context", options.context, "Of the kubeconfig, not its current context but this");
  app.add_flag("--insecure-api-server", options.allow_insecure,
               "insecure-skip-tls-verify of the kubeconfig counts: whoever answers gets our credentials");
  app.add_option_function<std::vector<std::string>>(
      "--namespace",
      [&options](const std::vector<std::string>& texts) {
        for (const std::string& text : texts) {
          if (!is_namespace(text)) throw CLI::ValidationError("--namespace", text + ": no name of a namespace");
        }
        options.namespaces = texts;
      },
      "Read this namespace only; repeatable (default: all)");
  app.add_option("--namespace-selector", options.namespace_selector,
                 "Read namespaces with these labels only: key=value, key in (a,b), !key");
}

void check_place(ClusterOptions& cluster, std::string_view folder, const std::string& dir) {
  cluster.is_wanted = cluster.is_wanted || !cluster.kubeconfig.empty();
  if (cluster.is_wanted && !dir.empty()) {
    throw CLI::ValidationError(text::cat(folder, " ", dir, ": objects come from a folder or from a cluster, not both"));
  }
  if (cluster.is_wanted) {
    if (cluster.namespaces.empty() || cluster.namespace_selector.empty()) return;
    throw CLI::ValidationError("--namespace and --namespace-selector: namespaces are named or selected, not both");
  }
  if (dir.empty()) throw CLI::ValidationError(text::cat(folder, ", --kubernetes or --kubeconfig is required"));
  const std::pair<bool, std::string_view> idle[] = {
      {!cluster.context.empty(), "--context"},      {cluster.allow_insecure, "--insecure-api-server"},
      {!cluster.namespaces.empty(), "--namespace"}, {!cluster.namespace_selector.empty(), "--namespace-selector"},
      {!cluster.lease.empty(), "--lease"},          {cluster.publish_nodes.has_value(), "--publish-nodes"},
  };
  for (const auto& [is_given, name] : idle) {
    if (is_given) throw CLI::ValidationError(text::cat(name, ": it needs --kubernetes or --kubeconfig"));
  }
}

void suit_cluster(const CLI::App& app, control::Settings& settings) {
  settings.loopback_endpoints = false;
  if (app.count("--watch-without-class") == 0) settings.watch_without_class = false;
}

}  // namespace sallyport::commands
