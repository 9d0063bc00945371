// SPDX-License-Identifier: Apache-2.0
// Ingress v1 and IngressClass (gateway-api.md 5.2 and 5.3; where the API is silent:
// docs/decisions/0003-ingress-semantics.md).
//
// A fault harms its smallest unit: a path, a rule, the default backend. The rest of the Ingress is served.

#pragma once

#include "dialects/dialect.hpp"
#include "dialects/ingress/tls.hpp"
#include "dialects/services/endpoint_reading.hpp"
#include "syntax/path.hpp"

namespace sallyport::dialects::ingress {

struct IngressSettings {
  bool watch_without_class = true;  // an Ingress that names no class is ours
  syntax::PathOptions paths;        // the same as for the paths of requests
  TlsSettings tls;
  services::AddressPolicy endpoints = {};
};

class Ingresses final : public Dialect {
 public:
  explicit Ingresses(IngressSettings settings) : settings_(settings) {}

  std::string_view name() const override { return "ingress"; }
  std::span<const RootKind> roots() const override;
  std::span<const Index* const> indexes() const override;
  std::vector<Finding> faults(const kube::Object& root) const override;
  std::optional<Finding> foreign(const kube::Object& root, const Lookup& lookup) const override;
  Translation translate(const kube::Object& root, const Lookup& lookup) const override;

 private:
  IngressSettings settings_;
};

}  // namespace sallyport::dialects::ingress
