// SPDX-License-Identifier: Apache-2.0
#include "dialects/ingress/ingresses.hpp"

#include <array>
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

// Other people's objects are not judged, so their complaints are not repeated.
Translation foreign(const kube::Object& root, std::string_view field, std::string_view reason, std::string message) {
  Findings findings(root);
  findings.add(Verdict::ignored, field, reason, std::move(message));
  Translation translation;
  translation.ours = false;
  translation.findings = findings.take();
  return translation;
}

Translation translate_class(const kube::Object& root, const kube::IngressClassSpec& spec) {
  if (spec.controller != controller_name) {
    return foreign(root, "spec.controller", "ForeignController",
                   text::cat("controller is \"", spec.controller, "\", not \"", controller_name, "\""));
  }
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

// Whoever cannot read the class cannot say that it is somebody else's.
bool has_readable_class(const kube::Object& ingress) {
  Findings findings(ingress);
  findings.add_complaints_at({class_field, class_annotation_field});
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

Translation Ingresses::translate(const kube::Object& root, const Lookup& lookup) const {
  if (const auto* class_ = kube::as<kube::IngressClass>(root)) return translate_class(root, class_->spec);
  if (!has_readable_class(root)) return {};
  Ownership owner = ownership(root, lookup, settings_.watch_without_class);
  if (!owner.ours) return foreign(root, owner.field, owner.reason, std::move(owner.message));
  return Rules(root, lookup, settings_.paths).translate();
}

}  // namespace sallyport::dialects::ingress
