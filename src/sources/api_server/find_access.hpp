// SPDX-License-Identifier: Apache-2.0
// Where the API server is looked for: the file that the user names; KUBECONFIG; the pod's ServiceAccount;
// ~/.kube/config. The first that is there counts, whether it is good or not. Reads files; called before anything is
// served.

#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "sources/api_server/access_settings.hpp"
#include "sources/api_server/kubeconfig.hpp"

namespace sallyport::sources::api_server {

// A variable's value; empty: it is not set.
using Environment = std::function<std::string_view(const char* name)>;
std::string_view process_environment(const char* name);

struct AccessPlaces {
  std::string kubeconfig = {};   // that the user names; empty: none
  KubeconfigChoice choice = {};  // of a kubeconfig
  std::string service_account = "/var/run/secrets/kubernetes.io/serviceaccount";
  Environment environment = process_environment;
};

Result<AccessSettings> find_access(const AccessPlaces& places);

}  // namespace sallyport::sources::api_server
