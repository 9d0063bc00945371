// SPDX-License-Identifier: Apache-2.0
#include "sources/api_server/exec_credential.hpp"

#include <algorithm>
#include <utility>

#include "base/json_writer.hpp"
#include "base/text.hpp"
#include "kube/base64.hpp"
#include "kube/timestamp.hpp"
#include "kube/tree.hpp"
#include "kube/yaml.hpp"

namespace sallyport::sources::api_server {
namespace {

using kube::Node;

// Absent is empty.
Result<std::string_view> text_of(const Node& in, std::string_view parent, std::string_view key) {
  const Node::Entry* const entry = in.find(key);
  if (entry == nullptr) return std::string_view();
  const auto text = entry->value->string();
  if (!text) return fail(invalid(text::cat(parent, key, " must be a text, not ", entry->value->type_name())));
  return *text;
}

Result<ExecCredential> read_status(const Node& status) {
  ExecCredential credential;
  const Result<std::string_view> token = text_of(status, "status.", "token");
  if (!token) return Failure(token.error());
  const Result<std::string_view> certificate = text_of(status, "status.", "clientCertificateData");
  if (!certificate) return Failure(certificate.error());
  const Result<std::string_view> key = text_of(status, "status.", "clientKeyData");
  if (!key) return Failure(key.error());
  const Result<std::string_view> expires = text_of(status, "status.", "expirationTimestamp");
  if (!expires) return Failure(expires.error());
  if (!can_be_sent(*token)) return fail(invalid("status.token has bytes that are in no token"));
  if (token->empty() && certificate->empty() && key->empty()) {
    return fail(invalid("status has neither token nor clientCertificateData"));
  }
  if (certificate->empty() != key->empty()) {
    return fail(invalid("status has only one of clientCertificateData and clientKeyData"));
  }
  credential.token = SecretBytes(*token);
  credential.certificate = *certificate;
  credential.key = SecretBytes(*key);
  if (expires->empty()) return credential;
  credential.expires = kube::parse_timestamp(*expires);
  if (!credential.expires)
    return fail(invalid("status.expirationTimestamp must be a time such as 2026-05-04T03:02:01Z"));
  return credential;
}

}  // namespace

bool can_be_sent(std::string_view token) {
  return std::ranges::all_of(token, [](char c) { return c > 0x20 && c < 0x7f; });
}

// It is JSON, and some write YAML, which client-go reads too.
Result<ExecCredential> parse_exec_credential(std::string_view output, std::string_view api_version) {
  const auto trees = kube::parse_yaml(output);
  if (!trees) return fail(invalid(text::cat("line ", trees.error().line, ": ", trees.error().message)));
  if (trees->size() != 1) return fail(invalid(trees->empty() ? "it is empty" : "it is more than one document"));
  const Node& root = *trees->front().root();
  if (root.kind != Node::Kind::map) return fail(invalid(text::cat("it is ", root.type_name(), ", not a map")));
  const Result<std::string_view> kind = text_of(root, "", "kind");
  if (!kind) return Failure(kind.error());
  if (*kind != "ExecCredential") return fail(invalid("kind must be ExecCredential"));
  const Result<std::string_view> version = text_of(root, "", "apiVersion");
  if (!version) return Failure(version.error());
  if (*version != api_version) return fail(invalid(text::cat("apiVersion must be ", api_version, ", as configured")));
  const Node::Entry* const status = root.find("status");
  if (status == nullptr) return fail(invalid("status is missing"));
  if (status->value->kind != Node::Kind::map) return fail(invalid("status must be a map"));
  return read_status(*status->value);
}

std::string exec_info(const AccessSettings& settings, std::string_view authority) {
  const ExecPlugin& plugin = *settings.exec;
  std::string text;
  JsonWriter json(text);
  json.begin_object().member("apiVersion", plugin.api_version).member("kind", "ExecCredential");
  json.key("spec").begin_object().member("interactive", false);
  if (plugin.wants_cluster) {
    json.key("cluster").begin_object().member("server", settings.server.text());
    if (!settings.server_name.empty()) json.member("tls-server-name", settings.server_name);
    if (!settings.verify) json.member("insecure-skip-tls-verify", true);
    if (!authority.empty()) json.member("certificate-authority-data", kube::encode_base64(authority));
    if (!plugin.cluster_config.empty()) json.key("config").written(plugin.cluster_config);
    json.end_object();
  }
  json.end_object().end_object();
  return text;
}

}  // namespace sallyport::sources::api_server
