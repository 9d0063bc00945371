// SPDX-License-Identifier: Apache-2.0
// The standard order (model/precedence.hpp) of the rules of an object; and which rules meet.

#pragma once

#include <cstdint>
#include <vector>

#include "dialects/claim.hpp"
#include "kube/object.hpp"
#include "model/match.hpp"
#include "model/precedence.hpp"

namespace sallyport::dialects {

// What of a rule says which requests it fits, and how early it is heard.
struct Matching {
  model::HostPattern host;
  model::PathMatch path;
  std::vector<model::Predicate> predicates;
  std::int32_t priority = 0;
};

// `index` counts the rules of the object in the order of its file.
model::Rank standard_rank(const Matching& matching, const kube::Object& object, std::uint32_t index);

// Rules of one tier that fit the very same requests, whatever their priority: the first one wins.
GroupKey rule_group(std::uint8_t tier, const Matching& matching);

// Stable while the rule keeps its object and what it fits, whatever is written before it. Of a group's claims only the
// winner is in the model, and all its texts are unambiguous, so it is unique.
model::Id rule_id(const ObjectRef& owner, const Matching& matching);

}  // namespace sallyport::dialects
