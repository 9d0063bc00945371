// SPDX-License-Identifier: Apache-2.0
// Services and where they are served: one endpoint set for each TCP port of each Service, merged from all its
// EndpointSlices, or from the Endpoints object of its name when it has no slice.
//
// Rules: reliability-security.md 3.9 and 3.11. ExternalName Services and slices of names are left out, with a finding,
// unless the policy allows names.

#pragma once

#include "dialects/dialect.hpp"
#include "dialects/services/endpoint_reading.hpp"

namespace sallyport::dialects::services {

class Services final : public Dialect {
 public:
  explicit Services(AddressPolicy policy) : policy_(policy) {}

  std::string_view name() const override { return "services"; }
  std::span<const RootKind> roots() const override;
  std::span<const Index* const> indexes() const override;
  std::vector<Finding> faults(const kube::Object& root) const override;
  // Whoever reads a Service or its slices reads the last good versions, so these stay in force.
  std::optional<Finding> foreign(const kube::Object&, const Lookup&) const override { return std::nullopt; }
  Translation translate(const kube::Object& root, const Lookup& lookup) const override;

 private:
  Translation translate_service(const kube::Object& root, const Lookup& lookup) const;
  Translation translate_addresses(const kube::Object& root) const;

  AddressPolicy policy_;
};

}  // namespace sallyport::dialects::services
