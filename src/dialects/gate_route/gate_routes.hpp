// SPDX-License-Identifier: Apache-2.0
// GateRoute, our own kind: what Ingress cannot say (docs/gate-route.md).
//
// A fault harms its smallest unit: a host, a rule. An unknown field counts as one, because a misspelt condition that is
// passed over leaves a rule that serves more than its author meant.

#pragma once

#include <cstddef>

#include "dialects/dialect.hpp"
#include "dialects/services/endpoint_reading.hpp"
#include "syntax/path.hpp"

namespace sallyport::dialects::gate_route {

inline constexpr std::size_t max_claims = 10'000;     // of an object: its hosts times its rules
inline constexpr std::size_t max_host_regexes = 100;  // of an object: each is tried with every request

class GateRoutes final : public Dialect {
 public:
  // The same options as for the paths of requests.
  explicit GateRoutes(const syntax::PathOptions& paths, const services::AddressPolicy& endpoints = {})
      : paths_(paths), endpoints_(endpoints) {}

  std::string_view name() const override { return "gate_route"; }
  std::span<const RootKind> roots() const override;
  std::span<const Index* const> indexes() const override { return {}; }
  std::vector<Finding> faults(const kube::Object& root) const override;
  std::optional<Finding> foreign(const kube::Object&, const Lookup&) const override { return std::nullopt; }
  Translation translate(const kube::Object& root, const Lookup& lookup) const override;

 private:
  syntax::PathOptions paths_;
  services::AddressPolicy endpoints_;
};

}  // namespace sallyport::dialects::gate_route
