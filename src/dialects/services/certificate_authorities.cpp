// SPDX-License-Identifier: Apache-2.0
#include "dialects/services/certificate_authorities.hpp"

#include "syntax/host.hpp"

namespace sallyport::dialects::services {
namespace {

constexpr std::string_view begin = "-----BEGIN CERTIFICATE-----";
constexpr std::string_view end = "-----END CERTIFICATE-----";

// A file may hold a key beside them, which has no business in the model.
std::string certificates_in(std::string_view pem) {
  std::string all;
  for (std::size_t at = pem.find(begin); at != pem.npos; at = pem.find(begin, at)) {
    const std::size_t stop = pem.find(end, at);
    if (stop == pem.npos) break;
    all += pem.substr(at, stop + end.size() - at);
    all += '\n';
    at = stop;
  }
  return all;
}

}  // namespace

std::optional<ObjectRef> authorities_ref(std::string_view written, std::string_view namespace_) {
  std::string_view kind = "Secret";
  if (written.starts_with("configmap/")) {
    kind = "ConfigMap";
    written.remove_prefix(10);
  } else if (written.starts_with("secret/")) {
    written.remove_prefix(7);
  }
  if (!syntax::is_hostname(written)) return std::nullopt;
  return ObjectRef{
      .group = "", .kind = std::string(kind), .namespace_ = std::string(namespace_), .name = std::string(written)};
}

std::string authorities_of(const kube::Object& object) {
  constexpr std::string_view key = "ca.crt";
  if (const auto* secret = kube::as<kube::Secret>(object)) {
    const auto found = secret->data.find(key);
    return found == secret->data.end() ? std::string() : certificates_in(found->second.reveal());
  }
  if (const auto* map = kube::as<kube::ConfigMap>(object)) {
    const auto found = map->data.find(key);
    return found == map->data.end() ? std::string() : certificates_in(found->second);
  }
  return {};
}

}  // namespace sallyport::dialects::services
