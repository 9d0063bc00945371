// SPDX-License-Identifier: Apache-2.0
// Who wins in one group of claims, and what the others are told. Pure: depends on the claims, not on their order of
// arrival.

#pragma once

#include "control/groups.hpp"
#include "dialects/claim.hpp"
#include "dialects/finding.hpp"

namespace sallyport::control {

// The order in which the claims of a group are heard: by rank, then by owner.
bool comes_before(const dialects::ClaimValue& one, const dialects::ClaimValue& other);

// The claim that wins, by the way that the group's key names; null if there is none.
HeldClaim* resolve(const Group& group);

// What a claim's owner is told when `winner` has what it asks for.
dialects::Finding shadowed(const dialects::ClaimValue& loser, const dialects::ClaimValue& winner);

}  // namespace sallyport::control
