// SPDX-License-Identifier: Apache-2.0
// The order that Ingress v1, Gateway API and GateRoute share, as words of a rank; and the other way round: which step
// of it decided between two ranks. (gateway-api.md 5.3, 2 and 4.5)
//
// A higher priority first; then the more specific host, as it was written; then the more specific path: exact, regular
// expression, longer prefix, any; then predicates: a method, more headers, more query parameters, more of the rest;
// then the older object; then the first by namespace and name, and of one name the first by kind; then the first in its
// object. No two rules are alike in all of it, so the order is total.

#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "model/match.hpp"
#include "model/predicate.hpp"
#include "model/rank.hpp"

namespace sallyport::model {

// Ingress v1 and Gateway API share it, so that an Ingress "/" never hides an HTTPRoute "/foo".
inline constexpr std::uint8_t standard_tier = 1;

// Most rules have priority 0.
std::array<std::uint64_t, 3> standard_words(std::int32_t priority, const HostPattern& host, const PathMatch& path,
                                            const std::vector<Predicate>& predicates);

enum class Decision : std::uint8_t {
  tier,  // of the dialect
  priority,
  host,
  path,
  predicates,
  text,  // of a dialect that has an order of its own
  age,
  name,
  kind,
  index,
  none,  // the ranks are equal
};

// The first thing in which the two differ. The words of tiers other than the standard one count as `priority`.
Decision decided_by(const Rank& one, const Rank& other);

// What the smaller rank has, as the end of "it has …": "a higher priority", "a more specific host".
std::string_view to_text(Decision decision);

}  // namespace sallyport::model
