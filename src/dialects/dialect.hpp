// SPDX-License-Identifier: Apache-2.0
// A dialect says what the Kubernetes objects of its kinds mean in the model. It is pure: no I/O, no clock, no memory;
// the same object and the same answers of the Lookup give the same translation. To add one, see dialects/all.cpp.

#pragma once

#include <span>
#include <string_view>
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
  std::vector<Claim> claims;
  std::vector<Finding> findings;  // all of them about the root

  bool operator==(const Translation&) const = default;
};

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
  virtual std::vector<Finding> faults(const kube::Object& root) const = 0;

  // Of a root with faults only `ours` is of interest: it may have gone over to somebody else.
  virtual Translation translate(const kube::Object& root, const Lookup& lookup) const = 0;
};

}  // namespace sallyport::dialects
