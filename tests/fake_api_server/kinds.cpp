// SPDX-License-Identifier: Apache-2.0
#include "fake_api_server/kinds.hpp"

#include <utility>

namespace sallyport::fake_api {

std::vector<Kind> built_in_kinds() {
  constexpr bool cluster_wide = false;
  constexpr bool namespaced = true;
  constexpr bool with_status = true;
  return {
      {"", "v1", "namespaces", "Namespace", cluster_wide, with_status},
      {"", "v1", "nodes", "Node", cluster_wide, with_status},
      {"", "v1", "pods", "Pod", namespaced, with_status},
      {"", "v1", "services", "Service", namespaced, with_status},
      {"", "v1", "endpoints", "Endpoints", namespaced},
      {"", "v1", "secrets", "Secret", namespaced},
      {"", "v1", "configmaps", "ConfigMap", namespaced},
      {"", "v1", "events", "Event", namespaced},
      {"events.k8s.io", "v1", "events", "Event", namespaced},
      {"coordination.k8s.io", "v1", "leases", "Lease", namespaced},
      {"discovery.k8s.io", "v1", "endpointslices", "EndpointSlice", namespaced},
      {"networking.k8s.io", "v1", "ingresses", "Ingress", namespaced, with_status},
      {"networking.k8s.io", "v1", "ingressclasses", "IngressClass", cluster_wide},
      {"apiextensions.k8s.io", "v1", "customresourcedefinitions", "CustomResourceDefinition", cluster_wide,
       with_status},
  };
}

Result<Kind> defined_kind(const Json& definition) {
  Kind kind{.group = std::string(definition.text_at({"spec", "group"})),
            .version = {},
            .plural = std::string(definition.text_at({"spec", "names", "plural"})),
            .name = std::string(definition.text_at({"spec", "names", "kind"})),
            .is_namespaced = definition.text_at({"spec", "scope"}) == "Namespaced",
            .is_custom = true};
  if (kind.group.empty()) return fail(invalid("spec.group is missing"));
  if (kind.plural.empty()) return fail(invalid("spec.names.plural is missing"));
  if (kind.name.empty()) return fail(invalid("spec.names.kind is missing"));
  const Json* const versions = definition.at({"spec", "versions"});
  if (versions != nullptr) {
    for (const Json::Member& version : versions->members()) {
      const Json* const served = version.value.find("served");
      if (served == nullptr || !served->is_true()) continue;
      kind.version = version.value.text_at({"name"});
      kind.has_status = version.value.at({"subresources", "status"}) != nullptr;
      return kind;
    }
  }
  return fail(invalid("spec.versions has none that is served"));
}

}  // namespace sallyport::fake_api
