// SPDX-License-Identifier: Apache-2.0
// What is said about one object: the findings of its translations, of its claims and of its newest version, in one
// verdict. A value; control publishes it only once all workers serve what it says.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "control/object_store.hpp"
#include "dialects/dialect.hpp"
#include "dialects/finding.hpp"
#include "model/origin.hpp"
#include "sources/source.hpp"

namespace sallyport::control {

struct ObjectStatus {
  model::Origin origin;                          // of the newest version
  std::optional<std::uint64_t> generation;       // of the newest version
  std::optional<std::uint64_t> good_generation;  // of the one in force
  bool last_good = false;                        // an older version is in force, because the newest has a fault
  dialects::Verdict verdict = dialects::Verdict::accepted;  // accepted, ignored or rejected
  std::vector<dialects::Finding> findings;                  // the gravest first, then by line
  std::uint32_t rules = 0;                                  // that are in force
  sources::StatusFields fields = sources::Withdrawn();      // what the object's own status shall be

  bool operator==(const ObjectStatus&) const = default;
};

// A value that never changes, held by whoever speaks of it.
using StatusPtr = std::shared_ptr<const ObjectStatus>;
using Statuses = std::unordered_map<ObjectRef, StatusPtr>;

// What became of one object on its way through the engine.
struct Translated {
  struct By {
    bool ours = true;
    bool wants_addresses = false;
    std::span<const dialects::Finding> findings;
  };

  std::vector<By> dialects;             // those of its kind that translated it
  std::vector<dialects::Finding> lost;  // claims that others won
  std::uint32_t won = 0;
};

// `addresses`: where the gateway is reached; nothing if that is not known, or not to be told.
ObjectStatus compose(const ObjectStore::Entry& entry, const Translated& translated,
                     const std::optional<std::vector<std::string>>& addresses);

// The finding that stands for the object; null if there is nothing to say.
const dialects::Finding* leading(const ObjectStatus& status);

// The leading finding, and how many more there are.
sources::Verdict verdict_of(const ObjectStatus& status);

// For people nothing changed: the verdict and what stands for it are the same, or every finding is; they may have moved
// to other lines, also past each other.
bool says_the_same(const ObjectStatus& one, const ObjectStatus& other);

// How many objects there are of each verdict, and what they have in force. Kept by adding and taking away.
struct Totals {
  std::uint64_t accepted = 0;
  std::uint64_t ignored = 0;
  std::uint64_t rejected = 0;
  std::uint64_t last_good = 0;  // objects of which an older version is in force
  std::uint64_t rules = 0;

  void add(const ObjectStatus& status);
  void take_away(const ObjectStatus& status);

  bool operator==(const Totals&) const = default;
};

// "rejected Ingress shop/web (web.yaml:12:spec.rules[0].host): InvalidHost: …"
std::string to_line(const sources::Verdict& verdict);

}  // namespace sallyport::control
