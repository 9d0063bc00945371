// SPDX-License-Identifier: Apache-2.0
// Kubeconfigs, read as kubectl reads them
// (kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig): clusters, users and contexts by name;
// of several files the first that has a name or a current-context has it.
//
// Pure: what they name is not opened here. Paths in them are relative to the file. Errors name file, line and field,
// and hold no value.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/secret_bytes.hpp"
#include "sources/api_server/access_settings.hpp"

namespace sallyport::sources::api_server {

inline constexpr std::size_t max_kubeconfig_bytes = 1024 * 1024;

struct Kubeconfig {
  // Where an entry stands, for what is said of it later.
  struct Place {
    std::string file;
    std::uint32_t line = 0;
    std::string field;  // "users[jane].user"
  };

  struct Cluster {
    std::string name;
    Place place;
    std::string server;
    std::string server_name;
    bool skips_verification = false;
    std::string authority;
    std::string authority_file;
    std::string proxy_url;
    std::string exec_config;  // JSON: the extension client.authentication.k8s.io/exec
  };

  struct User {
    std::string name;
    Place place;
    std::string certificate;
    std::string certificate_file;
    SecretBytes key;
    std::string key_file;
    SecretBytes token;
    std::string token_file;
    std::optional<ExecPlugin> exec;
    bool exec_needs_terminal = false;
    std::string not_spoken;  // a field that says who we are in a way that there is no code for; empty: none
  };

  struct Context {
    std::string name;
    Place place;
    std::string cluster;
    std::string user;
    std::string namespace_;
  };

  std::string current_context;
  std::vector<Cluster> clusters;
  std::vector<User> users;
  std::vector<Context> contexts;
};

// Of one file. An empty one is an empty Kubeconfig.
Result<Kubeconfig> parse_kubeconfig(const std::string& file, std::string_view bytes);

// What the earlier one has stays.
void merge_kubeconfig(Kubeconfig& earlier, Kubeconfig later);

// Of the environment variable KUBECONFIG: paths with ':' between them, each once.
std::vector<std::string> kubeconfig_files(std::string_view list);

struct KubeconfigChoice {
  std::string context = {};     // empty: current-context
  bool allow_insecure = false;  // insecure-skip-tls-verify counts; else it is an error
};

// The context's cluster and user; those of others need not be good.
Result<AccessSettings> choose_access(Kubeconfig config, const KubeconfigChoice& choice);

}  // namespace sallyport::sources::api_server
