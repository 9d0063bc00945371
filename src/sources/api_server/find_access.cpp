// SPDX-License-Identifier: Apache-2.0
#include "sources/api_server/find_access.hpp"

#include <unistd.h>

#include <cstdlib>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "sources/secret_file.hpp"

namespace sallyport::sources::api_server {
namespace {

bool is_there(const std::string& path) { return ::access(path.c_str(), F_OK) == 0; }

Result<AccessSettings> from_files(const std::vector<std::string>& files, const KubeconfigChoice& choice) {
  Kubeconfig all;
  for (const std::string& file : files) {
    const Result<SecretBytes> bytes = read_secret_file(file, max_kubeconfig_bytes);
    if (!bytes) return Failure(bytes.error());
    Result<Kubeconfig> one = parse_kubeconfig(file, bytes->reveal());
    if (!one) return Failure(one.error());
    merge_kubeconfig(all, std::move(*one));
  }
  Result<AccessSettings> settings = choose_access(std::move(all), choice);
  // What speaks of no place of its own: the kubeconfig as a whole.
  if (!settings && settings.error().detail.starts_with("the kubeconfig")) {
    settings.error().detail = text::cat(text::join(files, ", "), ": ", settings.error().detail);
  }
  return settings;
}

// As kubectl: those that are not there are passed over, so that one list serves many machines.
Result<AccessSettings> from_list(std::string_view list, const KubeconfigChoice& choice) {
  std::vector<std::string> files = kubeconfig_files(list);
  std::erase_if(files, [](const std::string& file) { return !is_there(file); });
  if (files.empty()) return fail(invalid(text::cat("KUBECONFIG names no file that is there: ", list)));
  return from_files(files, choice);
}

Result<AccessSettings> from_pod(std::string_view host, std::string_view port, const std::string& directory) {
  const bool is_bare_ipv6 = host.contains(':') && !host.starts_with('[');
  Result<ServerUrl> url =
      parse_server_url(text::cat("https://", is_bare_ipv6 ? "[" : "", host, is_bare_ipv6 ? "]" : "", ":", port));
  if (!url || !url->prefix.empty()) {
    return fail(invalid("KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT name no host and port"));
  }
  AccessSettings settings;
  settings.origin = "the pod's ServiceAccount";
  settings.in_pod = true;
  settings.server = std::move(*url);
  settings.authority_file = directory + "/ca.crt";
  settings.token_file = directory + "/token";
  // A pod may be without one (automountServiceAccountToken: false).
  for (const std::string* file : {&settings.token_file, &settings.authority_file}) {
    if (!is_there(*file))
      return fail(invalid(text::cat(*file, " is missing: the pod has no token of a ServiceAccount")));
  }
  const Result<SecretBytes> namespace_ = read_secret_file(directory + "/namespace", 1024);
  if (namespace_) {
    const std::string_view name = namespace_->reveal();
    settings.namespace_ = name.substr(0, name.find_last_not_of(" \t\r\n") + 1);
  }
  return settings;
}

}  // namespace

std::string_view process_environment(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? std::string_view() : std::string_view(value);
}

Result<AccessSettings> find_access(const AccessPlaces& places) {
  if (!places.kubeconfig.empty()) return from_files({places.kubeconfig}, places.choice);
  const std::string_view list = places.environment("KUBECONFIG");
  if (!list.empty()) return from_list(list, places.choice);
  const std::string_view host = places.environment("KUBERNETES_SERVICE_HOST");
  const std::string_view port = places.environment("KUBERNETES_SERVICE_PORT");
  if (!host.empty() && !port.empty()) return from_pod(host, port, places.service_account);
  const std::string_view home = places.environment("HOME");
  const std::string own = text::cat(home, "/.kube/config");
  if (!home.empty() && is_there(own)) return from_files({own}, places.choice);
  return fail(
      invalid(text::cat("there is no API server to be found: no kubeconfig was named, KUBECONFIG and "
                        "KUBERNETES_SERVICE_HOST are not set",
                        home.empty() ? "" : ", and there is no ", home.empty() ? "" : own)));
}

}  // namespace sallyport::sources::api_server
