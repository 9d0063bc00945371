// SPDX-License-Identifier: Apache-2.0
// What a rule asks of a request beyond host and path.

#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "dialects/findings.hpp"
#include "kube/gate_route.hpp"
#include "model/predicate.hpp"

namespace sallyport::dialects::gate_route {

inline constexpr std::size_t max_predicates = 64;      // of a rule, at whatever depth
inline constexpr std::size_t max_predicate_depth = 8;  // any, all and not within each other

// In one order and each once, so that two rules that ask for the same are seen to do so. None: something is wrong, and
// the findings say what.
std::optional<std::vector<model::Predicate>> predicates_of(const kube::List<kube::GatePredicate>& list,
                                                           std::string_view field, Findings& findings);

}  // namespace sallyport::dialects::gate_route
