// SPDX-License-Identifier: Apache-2.0
// A cluster as the place that objects come from: its API server, who we are to it, and what of it is read. Belongs to
// the control thread.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "net/loop.hpp"
#include "net/resolver.hpp"
#include "sources/api_server/access_settings.hpp"
#include "sources/api_server/client.hpp"
#include "sources/api_server/kind_figures.hpp"
#include "sources/api_server/lease.hpp"
#include "sources/api_server/own_pods.hpp"
#include "sources/api_server/source.hpp"

namespace sallyport::commands {

struct ClusterOptions {
  bool is_wanted = false;               // --kubernetes, --kubeconfig
  std::string kubeconfig;               // --kubeconfig; empty: wherever one is looked for
  std::string context;                  // --context; empty: the current one
  bool allow_insecure = false;          // --insecure-api-server
  std::vector<std::string> namespaces;  // --namespace; none: all
  std::string namespace_selector;       // --namespace-selector
  std::string lease;                    // --lease: NAMESPACE/NAME or off; empty: by where we run
  std::optional<bool> publish_nodes;    // --publish-nodes; nothing: in a pod
};

// As they are written on a command line, but for the lease.
std::string to_text(const ClusterOptions& options);

// Where the API server is and who we are to it. The error says what is wrong with which file or option.
Result<sources::api_server::AccessSettings> access_of(const ClusterOptions& options);

// The Lease by which one replica is chosen to tell what became of objects. Nothing: none is told. REQUIRES: --lease is
// of its form.
std::optional<sources::api_server::LeasePlace> lease_of(const ClusterOptions& options,
                                                        const sources::api_server::AccessSettings& access);

// The pod that this is, where addresses of Ingresses are to be those of the nodes of its like; nothing where they are
// not: `is_told` says that other options name them.
Result<std::optional<sources::api_server::OwnPod>> own_pod_of(const ClusterOptions& options,
                                                              const sources::api_server::AccessSettings& access,
                                                              bool is_told);

class Cluster {
 public:
  Cluster(net::Loop& loop, sources::api_server::AccessSettings access, const ClusterOptions& options);

  sources::Source& source() { return source_; }
  // How it stands with each kind.
  std::vector<sources::api_server::KindFigures> kinds() const { return source_.figures(); }
  sources::api_server::Api& api() { return client_; }
  const sources::api_server::AccessSettings& access() const { return client_.settings(); }

 private:
  net::Resolver resolver_;
  sources::api_server::Client client_;
  sources::api_server::ApiServerSource source_;
};

}  // namespace sallyport::commands
