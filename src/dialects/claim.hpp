// SPDX-License-Identifier: Apache-2.0
// A claim: what one object asks for in a place where several may ask. All claims with one key are a group; control
// resolves each group by the way that its key names, in rank order (design: "One change costs one change").
//
// Groups have levels, and a translation reads verdicts of lower levels only, so there is no cycle.

#pragma once

#include <compare>
#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "base/object_ref.hpp"
#include "model/parts.hpp"

namespace sallyport::dialects {

enum class Level : std::uint8_t { addresses, listeners, attachment, policies, rules };

// The next kinds of groups bring all_lose, earlier_wins, all_counted and merged (control/resolve.cpp has one function
// each).
enum class Resolution : std::uint8_t { first_wins };

// Two claims meet if their keys are equal. The place is a tuple, never a joined text.
struct GroupKey {
  Level level = Level::rules;
  Resolution resolution = Resolution::first_wins;
  std::vector<std::string> place;

  auto operator<=>(const GroupKey&) const = default;
};

// What goes into the model if the claim wins. Each has a rank, of which the smaller one is heard first, and an origin,
// whose object is the claim's owner. Equal ranks are ordered by owner.
using ClaimValue = std::variant<std::shared_ptr<const model::Rule>>;

struct Claim {
  GroupKey group;
  ClaimValue value;  // never null

  const model::Rank& rank() const {
    return std::visit([](const auto& part) -> const model::Rank& { return part->rank; }, value);
  }
  const model::Origin& origin() const {
    return std::visit([](const auto& part) -> const model::Origin& { return part->origin; }, value);
  }
  const ObjectRef& owner() const { return origin().object; }

  // By contents.
  bool operator==(const Claim& other) const;
};

}  // namespace sallyport::dialects
