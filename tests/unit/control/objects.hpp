// SPDX-License-Identifier: Apache-2.0
// Objects for tests, written as YAML.

#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/text.hpp"
#include "kube/reader.hpp"
#include "sources/source.hpp"

namespace sallyport::control {

inline std::vector<kube::ObjectPtr> objects(std::string_view yaml) {
  auto contents = kube::read_objects("test.yaml", yaml);
  for (const auto& problem : contents.problems) ADD_FAILURE() << problem.message << "\n" << yaml;
  return contents.objects;
}

inline sources::Changes changed(std::string_view yaml) {
  sources::Changes changes;
  changes.changed = objects(yaml);
  changes.complete = true;
  return changes;
}

inline sources::Changes removed(ObjectRef ref) {
  sources::Changes changes;
  changes.removed.push_back(std::move(ref));
  changes.complete = true;
  return changes;
}

inline ObjectRef ingress_ref(std::string name) {
  return {.group = "networking.k8s.io", .kind = "Ingress", .namespace_ = "shop", .name = std::move(name)};
}

inline std::string service(std::string_view name = "web") {
  return text::cat("---\napiVersion: v1\nkind: Service\nmetadata: {name: ", name,
                   ", namespace: shop}\nspec: {ports: [{port: 80}]}\n");
}

inline std::string slice(std::string_view address, std::string_view service_name = "web",
                         std::string_view name = "web-1") {
  return text::cat("---\napiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: {name: ", name,
                   ", namespace: shop, labels: {kubernetes.io/service-name: ", service_name,
                   "}}\naddressType: IPv4\nports: [{port: 8080}]\nendpoints: [{addresses: [", address, "]}]\n");
}

// `spec` is written in flow style: "rules: [...]".
inline std::string ingress(std::string_view name, std::string_view spec, std::string_view more_meta = "") {
  return text::cat("---\napiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: ", name, ", namespace: shop",
                   more_meta, "}\nspec: {", spec, "}\n");
}

inline std::string rule(std::string_view host, std::string_view path, std::string_view type = "Prefix",
                        std::string_view service_name = "web") {
  return text::cat("{host: \"", host, "\", http: {paths: [{path: \"", path, "\", pathType: ", type,
                   ", backend: {service: {name: ", service_name, ", port: {number: 80}}}}]}}");
}

inline std::string rules(std::initializer_list<std::string> all) {
  return text::cat("rules: [", text::join(all, ", "), "]");
}

}  // namespace sallyport::control
