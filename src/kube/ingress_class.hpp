// SPDX-License-Identifier: Apache-2.0
// networking.k8s.io/v1 IngressClass, cluster-wide.

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "kube/values.hpp"

namespace sallyport::kube {

// Says "true" on the class of Ingresses that name none.
inline constexpr std::string_view default_class_annotation = "ingressclass.kubernetes.io/is-default-class";

struct IngressClassParameters {
  std::optional<std::string> api_group;
  std::string kind;
  std::string name;
  std::optional<std::string> scope;  // "Cluster" (also when absent) or "Namespace"
  std::optional<std::string> namespace_;

  static constexpr FieldNames<2> required{"kind", "name"};
};
BOOST_DESCRIBE_STRUCT(IngressClassParameters, (), (api_group, kind, name, scope, namespace_))

struct IngressClassSpec {
  std::string controller;
  std::optional<IngressClassParameters> parameters;
};
BOOST_DESCRIBE_STRUCT(IngressClassSpec, (), (controller, parameters))

struct IngressClass {
  IngressClassSpec spec;
};
BOOST_DESCRIBE_STRUCT(IngressClass, (), (spec))

}  // namespace sallyport::kube
