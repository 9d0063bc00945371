// SPDX-License-Identifier: Apache-2.0
// Secrets that something refers to: certificates with keys, and bundles of authorities; and ConfigMaps, for these. What
// nobody uses is not judged.
//
// A broken pair is a fault of its Secret, so that the newest good version stays in force; a broken bundle is not:
// whoever would be judged by it is not let in (reference: reliability-security.md T-3).

#pragma once

#include <optional>

#include "base/object_ref.hpp"
#include "dialects/dialect.hpp"

namespace sallyport::dialects::certificates {

class Secrets final : public Dialect {
 public:
  // The default certificate is used by no object, but by an option.
  explicit Secrets(std::optional<ObjectRef> default_certificate)
      : default_certificate_(std::move(default_certificate)) {}

  std::string_view name() const override { return "certificates"; }
  std::span<const RootKind> roots() const override;
  std::span<const Index* const> indexes() const override { return {}; }
  std::vector<Finding> faults(const kube::Object& root) const override;
  std::optional<Finding> foreign(const kube::Object& root, const Lookup& lookup) const override;
  Translation translate(const kube::Object& root, const Lookup& lookup) const override;

 private:
  bool is_shown(const kube::Object& root, const Lookup& lookup) const;

  std::optional<ObjectRef> default_certificate_;
};

}  // namespace sallyport::dialects::certificates
