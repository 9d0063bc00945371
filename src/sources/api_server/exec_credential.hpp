// SPDX-License-Identifier: Apache-2.0
// What an exec plugin is told, and what it answers: ExecCredential of client.authentication.k8s.io/v1 and v1beta1
// (kubernetes.io/docs/reference/access-authn-authz/authentication, "client-go credential plugins"). Pure.

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/secret_bytes.hpp"
#include "kube/meta.hpp"
#include "sources/api_server/access_settings.hpp"

namespace sallyport::sources::api_server {

struct ExecCredential {
  SecretBytes token;        // empty: none
  std::string certificate;  // PEM; empty: none, and no key either
  SecretBytes key;
  std::optional<kube::Timestamp> expires;
};

// Whether it can be in a field. RFC 6750 2.1 allows fewer; what would break the field is what counts.
bool can_be_sent(std::string_view token);

// A plugin's output. An error has no byte of a value.
Result<ExecCredential> parse_exec_credential(std::string_view output, std::string_view api_version);

// The environment variable KUBERNETES_EXEC_INFO. `authority` is PEM.
std::string exec_info(const AccessSettings& settings, std::string_view authority);

}  // namespace sallyport::sources::api_server
