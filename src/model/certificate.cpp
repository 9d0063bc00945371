// SPDX-License-Identifier: Apache-2.0
#include "model/certificate.hpp"

#include "base/text.hpp"

namespace sallyport::model {
namespace {

std::string_view text_of(TlsVersion version) { return version == TlsVersion::tls12 ? "tls12" : "tls13"; }

}  // namespace

std::string_view to_text(ClientValidation::Mode mode) {
  switch (mode) {
    case ClientValidation::Mode::off:
      break;
    case ClientValidation::Mode::optional:
      return "optional";
    case ClientValidation::Mode::require:
      return "require";
    case ClientValidation::Mode::refuse:
      return "refuse";
  }
  return "off";
}

std::string policy_id(const TlsPolicy& policy) {
  std::string id = text::cat(text_of(policy.least), "-", text_of(policy.most), " ", to_text(policy.client.mode));
  const bool judges =
      policy.client.mode == ClientValidation::Mode::optional || policy.client.mode == ClientValidation::Mode::require;
  if (judges) id += text::cat(" sha256:", policy.client.fingerprint);
  if (judges && !policy.client.revoked.empty()) id += text::cat(" less sha256:", policy.client.revoked_fingerprint);
  return id;
}

const std::string& default_policy_id() {
  static const std::string id = policy_id({});
  return id;
}

bool same_effect(const ServerName& one, const ServerName& other) {
  return one.listeners == other.listeners && one.host == other.host && one.certificates == other.certificates &&
         one.policy == other.policy;
}

}  // namespace sallyport::model
