// SPDX-License-Identifier: Apache-2.0
// A claim: what one object asks for in a place where several may ask. All claims with one key are a group; control
// resolves each group by the way that its key names, in rank order (design: "One change costs one change").
//
// Groups have levels, and a translation reads verdicts of lower levels only, so there is no cycle.

#pragma once

#include <compare>
#include <cstdint>
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

// What goes into the model if the claim wins.
using ClaimValue = std::variant<model::Rule>;

struct Claim {
  GroupKey group;
  model::Rank rank;  // the smaller one is heard first; equal ranks are ordered by owner
  ObjectRef owner;
  ClaimValue value;
  model::Origin origin;

  bool operator==(const Claim&) const = default;
};

}  // namespace sallyport::dialects
