// SPDX-License-Identifier: Apache-2.0
// Whose an Ingress is: by class name, by the older annotation, or by default (gateway-api.md 5.3, 4).

#pragma once

#include <string>
#include <string_view>

#include "dialects/lookup.hpp"
#include "kube/object.hpp"

namespace sallyport::dialects::ingress {

inline constexpr std::string_view controller_name = "sallyport.dev/controller";
inline constexpr std::string_view own_class_name = "sallyport";
inline constexpr std::string_view class_field = "spec.ingressClassName";
inline constexpr std::string_view class_annotation = "kubernetes.io/ingress.class";
inline constexpr std::string_view class_annotation_field = "metadata.annotations[kubernetes.io/ingress.class]";

extern const Index default_classes;  // all IngressClasses that are marked as default, under one key

struct Ownership {
  bool ours = false;
  // Why not.
  std::string field;
  std::string reason;
  std::string message;
};

// Classless Ingresses are ours if `watch_without_class`, or if our class is the default one.
Ownership ownership(const kube::Object& ingress, const Lookup& lookup, bool watch_without_class);

}  // namespace sallyport::dialects::ingress
