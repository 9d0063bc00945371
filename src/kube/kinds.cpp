// SPDX-License-Identifier: Apache-2.0

#include "kube/kinds.hpp"

#include <utility>

#include "base/text.hpp"

namespace sallyport::kube {
namespace {

constexpr FieldNames<3> read_elsewhere{"apiVersion", "kind", "metadata"};

template <class T>
void decode_body(Decoder& decoder, const Node& document, Object& object) {
  decoder.into(document, object.body.emplace<T>(), read_elsewhere);
}

void decode_secret(Decoder& decoder, const Node& document, Object& object) {
  auto& secret = object.body.emplace<Secret>();
  decoder.into(document, secret, read_elsewhere);
  for (auto& [key, text] : secret.string_data) secret.data.insert_or_assign(key, std::move(text.value));
  secret.string_data.clear();
}

constexpr Kind kinds[] = {
    {"", "v1", "Service", "services", true, decode_body<Service>},
    {"", "v1", "Endpoints", "endpoints", true, decode_body<Endpoints>},
    {"", "v1", "Secret", "secrets", true, decode_secret},
    {"", "v1", "ConfigMap", "configmaps", true, decode_body<ConfigMap>},
    {"", "v1", "Namespace", "namespaces", false, decode_body<Namespace>},
    {"discovery.k8s.io", "v1", "EndpointSlice", "endpointslices", true, decode_body<EndpointSlice>},
    {"networking.k8s.io", "v1", "Ingress", "ingresses", true, decode_body<Ingress>},
    {"networking.k8s.io", "v1", "IngressClass", "ingressclasses", false, decode_body<IngressClass>},
    {own_group, "v1alpha1", "GateRoute", "gateroutes", true, decode_body<GateRoute>},
};

}  // namespace

std::span<const Kind> all_kinds() { return kinds; }

const Kind* find_kind(std::string_view group, std::string_view name) {
  for (const Kind& kind : kinds) {
    if (kind.group == group && kind.name == name) return &kind;
  }
  return nullptr;
}

std::string api_version(std::string_view group, std::string_view version) {
  return group.empty() ? std::string(version) : text::cat(group, "/", version);
}

}  // namespace sallyport::kube
