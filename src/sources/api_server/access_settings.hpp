// SPDX-License-Identifier: Apache-2.0
// Where the API server is and who we are to it, as a kubeconfig or the pod says: plain values, no file of theirs is
// read yet. What is a file here is read again while the program runs.

#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/secret_bytes.hpp"
#include "sources/api_server/server_url.hpp"

namespace sallyport::sources::api_server {

// A program that tells who we are (the API group client.authentication.k8s.io).
struct ExecPlugin {
  std::string api_version;  // "client.authentication.k8s.io/v1" or ".../v1beta1"
  std::string command;      // a path, or a name that is looked for in PATH
  std::vector<std::string> arguments;
  std::vector<std::pair<std::string, std::string>> environment;  // beside our own
  std::string install_hint;                                      // for who does not have it
  bool wants_cluster = false;                                    // it is told where the API server is
  std::string cluster_config;                                    // JSON that it is told then; empty: none
};

struct AccessSettings {
  std::string origin;  // for people: "the context kind of /etc/sallyport/kubeconfig"

  ServerUrl server;
  std::string server_name;     // that its certificate must have, and that is asked for; empty: the host
  bool verify = true;          // off: whoever answers is taken for it
  std::string authority;       // PEM: who vouches for it
  std::string authority_file;  // the same in a file; without both: whom the system trusts

  // Of these at most one pair, what is here before what is in a file.
  std::string certificate;  // PEM
  std::string certificate_file;
  SecretBytes key;  // PEM
  std::string key_file;

  SecretBytes token;       // used until the file gives one
  std::string token_file;  //
  std::optional<ExecPlugin> exec;

  std::string namespace_;  // that is ours; empty: none was given
  bool in_pod = false;     // we run as a pod of that cluster
};

}  // namespace sallyport::sources::api_server
