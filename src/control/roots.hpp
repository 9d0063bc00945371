// SPDX-License-Identifier: Apache-2.0
// What the engine keeps of each object and of each of its translations, one for each dialect of its kind.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "control/groups.hpp"
#include "control/object_store.hpp"
#include "control/reads.hpp"
#include "control/status.hpp"
#include "dialects/dialect.hpp"
#include "model/parts.hpp"

namespace sallyport::control {

// One object as one dialect translated it last.
struct Root : Reads::Reader {
  Root(KnownObject& of, const dialects::Dialect& by) : object(&of), dialect(&by) {}

  KnownObject* object;
  const dialects::Dialect* dialect;

  bool is_translated = false;  // not if every version had a fault
  bool is_held_back = false;   // what it says now is not asked for before all that it reads is known
  bool ours = false;
  bool wants_addresses = false;
  std::vector<dialects::Finding> findings;
  std::vector<std::unique_ptr<HeldClaim>> claims;
  std::vector<std::shared_ptr<const model::EndpointSet>> endpoint_sets;
  std::vector<std::shared_ptr<const model::Backend>> backends;
  std::vector<std::shared_ptr<const model::Certificate>> certificates;
};

struct KnownObject {
  const ObjectStore::Entry* entry = nullptr;
  std::vector<std::unique_ptr<Root>> roots;
  std::uint32_t won = 0;    // rules in force
  bool is_stale = false;    // its status has to be made anew
  bool is_leaving = false;  // its claims are being taken away, and then it
  StatusPtr status;
};

ObjectStatus status_of(const KnownObject& object, const std::optional<std::vector<std::string>>& addresses);

// The claims of a former translation, of which those stay that are made again, contents and group being equal. An
// object claims a group once, so each is compared with one other at most.
class FormerClaims {
 public:
  using Claims = std::vector<std::unique_ptr<HeldClaim>>;

  explicit FormerClaims(Claims claims) : claims_(std::move(claims)) {}

  // Null if there was none. `at` is where it stands now: mostly where it stood.
  std::unique_ptr<HeldClaim> take(std::size_t at, const Group& group, const dialects::ClaimValue& value);
  // Those that nobody took.
  Claims rest();

 private:
  Claims claims_;
  std::unordered_map<const Group*, std::size_t> by_group_;  // made when the first one stands elsewhere
};

}  // namespace sallyport::control
