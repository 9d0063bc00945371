// SPDX-License-Identifier: Apache-2.0
#include "dialects/ingress/ingresses.hpp"

#include <array>
#include <initializer_list>
#include <string>
#include <utility>

#include "base/text.hpp"
#include "dialects/findings.hpp"
#include "dialects/ingress/classes.hpp"
#include "dialects/ingress/rules.hpp"

namespace sallyport::dialects::ingress {
namespace {

constexpr std::array<RootKind, 2> root_kinds = {{
    {"networking.k8s.io", "Ingress"},
    {"networking.k8s.io", "IngressClass"},
}};

Finding ignored(const kube::Object& root, std::string_view field, std::string_view reason, std::string message) {
  return {.verdict = Verdict::ignored,
          .reason = std::string(reason),
          .message = std::move(message),
          .origin = origin_of(root, field),
          .by = {}};
}

Translation translate_class(const kube::Object& root, const kube::IngressClassSpec& spec) {
  Findings findings(root);
  findings.add_complaints();
  if (spec.parameters) {
    findings.add(Verdict::ignored, "spec.parameters", "ParametersIgnored",
                 "parameters have no meaning in this version");
  }
  Translation translation;
  translation.findings = findings.take();
  return translation;
}

// Whoever cannot read whose it is cannot say that it is somebody else's.
bool is_readable(const kube::Object& root, std::initializer_list<std::string_view> fields) {
  Findings findings(root);
  findings.add_complaints_at(fields);
  return findings.take().empty();
}

}  // namespace

std::span<const RootKind> Ingresses::roots() const { return root_kinds; }

std::span<const Index* const> Ingresses::indexes() const {
  static constexpr std::array<const Index*, 1> all = {&default_classes};
  return all;
}

std::vector<Finding> Ingresses::faults(const kube::Object& root) const {
  Findings findings(root);
  if (kube::as<kube::IngressClass>(root) != nullptr) {
    findings.add_complaints_at({"spec.controller"});
  } else {
    findings.add_complaints_at({class_field, class_annotation_field, "spec.rules"});
  }
  return findings.take();
}

std::optional<Finding> Ingresses::foreign(const kube::Object& root, const Lookup& lookup) const {
  if (const auto* class_ = kube::as<kube::IngressClass>(root)) {
    const std::string& controller = class_->spec.controller;
    if (controller == controller_name || !is_readable(root, {"spec.controller"})) return std::nullopt;
    return ignored(root, "spec.controller", "ForeignController",
                   text::cat("controller is \"", controller, "\", not \"", controller_name, "\""));
  }
  if (!is_readable(root, {class_field, class_annotation_field})) return std::nullopt;
  Ownership owner = ownership(root, lookup, settings_.watch_without_class);
  if (owner.ours) return std::nullopt;
  return ignored(root, owner.field, owner.reason, std::move(owner.message));
}

// Other people's objects are not judged, so their complaints are not repeated.
Translation Ingresses::translate(const kube::Object& root, const Lookup& lookup) const {
  if (auto why = foreign(root, lookup)) return not_ours(*std::move(why));
  if (const auto* class_ = kube::as<kube::IngressClass>(root)) return translate_class(root, class_->spec);
  return Rules(root, lookup, settings_.paths, settings_.tls, settings_.endpoints).translate();
}

}  // namespace sallyport::dialects::ingress
