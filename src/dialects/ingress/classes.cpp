// SPDX-License-Identifier: Apache-2.0
#include "dialects/ingress/classes.hpp"

#include <algorithm>
#include <vector>

#include "base/text.hpp"

namespace sallyport::dialects::ingress {
namespace {

std::string controller_of(const kube::Object& object) {
  const auto* class_ = kube::as<kube::IngressClass>(object);
  return class_ == nullptr ? std::string() : class_->spec.controller;
}

std::vector<ObjectRef> default_key(const kube::Object& object) {
  if (kube::as<kube::IngressClass>(object) == nullptr) return {};
  const auto mark = object.meta.annotations.find(kube::default_class_annotation);
  if (mark == object.meta.annotations.end() || mark->second != "true") return {};
  return {ObjectRef{}};
}

Ownership ours() { return {.ours = true, .field = {}, .reason = {}, .message = {}}; }

// An absent class is nobody's, but our own name is ours also where no IngressClass was written.
Ownership by_name(const std::string& name, std::string_view field, const Lookup& lookup) {
  const auto controller = lookup.read<&controller_of>(
      {.group = "networking.k8s.io", .kind = "IngressClass", .namespace_ = "", .name = name});
  if (controller ? *controller == controller_name : name == own_class_name) return ours();
  return {
      .ours = false,
      .field = std::string(field),
      .reason = controller ? "ForeignClass" : "UnknownClass",
      .message = controller ? text::cat("class \"", name, "\" belongs to controller \"", *controller, "\"")
                            : text::cat("there is no IngressClass \"", name,
                                        "\"; one with spec.controller sallyport.dev/controller would have it served"),
  };
}

}  // namespace

const Index default_classes = {"default IngressClasses", default_key};

Ownership ownership(const kube::Object& ingress, const Lookup& lookup, bool watch_without_class) {
  const auto& name = kube::as<kube::Ingress>(ingress)->spec.ingress_class_name;
  if (name && !name->empty()) return by_name(*name, class_field, lookup);
  const auto annotation = ingress.meta.annotations.find(class_annotation);
  if (annotation != ingress.meta.annotations.end() && !annotation->second.empty()) {
    return by_name(annotation->second, class_annotation_field, lookup);
  }
  if (watch_without_class) return ours();
  const auto defaults = lookup.list<&controller_of>(default_classes, {});
  if (std::ranges::any_of(defaults, [](const auto& member) { return *member.value == controller_name; })) return ours();
  return {
      .ours = false,
      .field = "spec",
      .reason = "NoClass",
      .message = "it names no class, and ours is not the default one",
  };
}

}  // namespace sallyport::dialects::ingress
