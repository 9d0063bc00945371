// SPDX-License-Identifier: Apache-2.0
// A dialect says what the Kubernetes objects of its kinds mean in the model. It is pure: no I/O, no clock, no memory;
// the same object and the same answers of the Lookup give the same translation. To add one: docs/adding-a-dialect.md.

#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "dialects/claim.hpp"
#include "dialects/finding.hpp"
#include "dialects/lookup.hpp"
#include "kube/object.hpp"
#include "model/parts.hpp"

namespace sallyport::dialects {

struct RootKind {
  std::string_view group;
  std::string_view kind;
};

// What one root object says. Parts go into the model as they are; claims go there if they win.
struct Translation {
  bool ours = true;              // false: it addresses somebody else, and the findings say why
  bool wants_addresses = false;  // its status lists where we can be reached, once something of it is served
  std::vector<model::EndpointSet> endpoint_sets;
  std::vector<model::Backend> backends;  // the same backend may come from many roots, with equal contents
  std::vector<model::Certificate> certificates;
  std::vector<Claim> claims;      // each group once
  std::vector<Finding> findings;  // all of them about the root
};

inline Translation not_ours(Finding why) {
  Translation translation;
  translation.ours = false;
  translation.findings.push_back(std::move(why));
  return translation;
}

class Dialect {
 public:
  virtual ~Dialect() = default;

  virtual std::string_view name() const = 0;
  // The kinds whose objects it translates, one by one.
  virtual std::span<const RootKind> roots() const = 0;
  // Every index that translate() asks for.
  virtual std::span<const Index* const> indexes() const = 0;

  // What makes this object unusable as a whole, judged by its own contents alone. Control goes on with the newest
  // version that has no such fault; a fault of one rule is no fault of the object: translate() leaves that rule out.
  // Caps that keep a small object from being much work belong here: a root with faults is never translated.
  virtual std::vector<Finding> faults(const kube::Object& root) const = 0;

  // Of a root with faults: why it is somebody else's now, so that no older version of it stays in force and its faults
  // are nobody's business here. None: it is ours, or what would say whose it is cannot be read. Little work whatever
  // the object's size. Its reads are recorded as those of translate() are.
  virtual std::optional<Finding> foreign(const kube::Object& root, const Lookup& lookup) const = 0;

  // Only of roots without faults.
  virtual Translation translate(const kube::Object& root, const Lookup& lookup) const = 0;
};

}  // namespace sallyport::dialects
