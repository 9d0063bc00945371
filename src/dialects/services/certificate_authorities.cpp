// SPDX-License-Identifier: Apache-2.0
#include "dialects/services/certificate_authorities.hpp"

#include <utility>

#include "syntax/certificate.hpp"
#include "syntax/host.hpp"

namespace sallyport::dialects::services {
namespace {

// A file may hold a key beside them, which has no business in the model.
Authorities read(std::string_view pem) {
  auto facts = syntax::read_anchors(pem);
  if (!facts) return {.pem = {}, .problem = facts.error().detail};
  return {.pem = std::move(facts->pem), .problem = {}};
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

Authorities authorities_of(const kube::Object& object) {
  constexpr std::string_view key = "ca.crt";
  if (const auto* secret = kube::as<kube::Secret>(object)) {
    const auto found = secret->data.find(key);
    if (found != secret->data.end()) return read(found->second.reveal());
  }
  if (const auto* map = kube::as<kube::ConfigMap>(object)) {
    const auto found = map->data.find(key);
    if (found != map->data.end()) return read(found->second);
  }
  return {.pem = {}, .problem = "is missing"};
}

}  // namespace sallyport::dialects::services
