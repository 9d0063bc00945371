// SPDX-License-Identifier: Apache-2.0
// A claim: what one object asks for in a place where several may ask. All claims with one key are a group; control
// resolves each group by the way that its key names, in rank order (design: "One change costs one change").
//
// Groups have levels, and a translation reads verdicts of lower levels only than it claims in, so there is no cycle. A
// claim that does not depend on what was read may be of any level: the host names of an Ingress are claimed whoever
// else has them, and its rules heed who that is.
// One that does not keep to this ends all the same: control goes through the levels upward, once a change.

#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/object_ref.hpp"
#include "model/parts.hpp"

namespace sallyport::dialects {

enum class Level : std::uint8_t { addresses, listeners, attachment, policies, rules };

// From the lowest one up.
inline constexpr std::array levels = {Level::addresses, Level::listeners, Level::attachment, Level::policies,
                                      Level::rules};

// The next kinds of groups bring all_lose, earlier_wins and merged (control/resolve.cpp has one function each).
enum class Resolution : std::uint8_t {
  first_wins,
  all_counted,  // nobody wins or loses: what matters is that somebody claims it
};

// Two claims meet if their keys are equal. The place is a tuple, never a joined text.
struct GroupKey {
  Level level = Level::rules;
  Resolution resolution = Resolution::first_wins;
  std::vector<std::string> place;

  auto operator<=>(const GroupKey&) const = default;
};

// That an object refers to another one: whoever says nothing unless it is needed wants to know that it is.
struct Use {
  model::Rank rank;
  model::Origin origin;

  bool operator==(const Use&) const = default;
};

// What goes into the model if the claim wins; a Use never does. Each has a rank, of which the smaller one is heard
// first, and an origin, whose object is the claim's owner. Equal ranks are ordered by owner.
using ClaimValue = std::variant<std::shared_ptr<const model::Rule>, std::shared_ptr<const model::ServerName>,
                                std::shared_ptr<const Use>>;

inline const model::Rank& rank_of(const ClaimValue& value) {
  return std::visit([](const auto& part) -> const model::Rank& { return part->rank; }, value);
}
inline const model::Origin& origin_of(const ClaimValue& value) {
  return std::visit([](const auto& part) -> const model::Origin& { return part->origin; }, value);
}
// Whoever of the two is heard, the gateway does the same: the one that is not heard has lost nothing.
bool same_effect(const ClaimValue& one, const ClaimValue& other);
// By contents.
bool equal(const ClaimValue& one, const ClaimValue& other);

// A translation claims each group at most once: of what one object asks for twice, the dialect knows the winner.
struct Claim {
  GroupKey group;
  ClaimValue value;  // never null
};

// What a translation may know of a group.
struct GroupVerdict {
  std::size_t claims = 0;
  std::optional<ObjectRef> winner;  // its owner; none if nothing won

  bool operator==(const GroupVerdict&) const = default;
};

}  // namespace sallyport::dialects
