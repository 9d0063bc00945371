// SPDX-License-Identifier: Apache-2.0
// Who wins in one group of claims, and what the others are told. Pure: depends on the claims, not on their order of
// arrival.

#pragma once

#include <span>
#include <vector>

#include "dialects/claim.hpp"
#include "dialects/finding.hpp"

namespace sallyport::control {

struct Resolved {
  struct Loser {
    const dialects::Claim* claim;
    dialects::Finding finding;
  };

  std::vector<const dialects::Claim*> winners;
  std::vector<Loser> losers;

  std::size_t count() const { return winners.size() + losers.size(); }
};

// All claims have one group key, whose resolution is applied. There is at least one.
Resolved resolve(std::span<const dialects::Claim* const> group);

}  // namespace sallyport::control
