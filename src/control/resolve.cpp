// SPDX-License-Identifier: Apache-2.0
#include "control/resolve.hpp"

#include <tuple>

#include "model/precedence.hpp"

namespace sallyport::control {

using dialects::ClaimValue;
using dialects::origin_of;
using dialects::rank_of;

bool comes_before(const ClaimValue& one, const ClaimValue& other) {
  return std::tie(rank_of(one), origin_of(one).object) < std::tie(rank_of(other), origin_of(other).object);
}

HeldClaim* resolve(const Group& group) {
  switch (group.resolution) {
    case dialects::Resolution::first_wins:
      return group.claims.empty() ? nullptr : group.claims.front();
    case dialects::Resolution::all_counted:
      return nullptr;
  }
  return nullptr;
}

dialects::Finding shadowed(const ClaimValue& loser, const ClaimValue& winner) {
  return dialects::shadowed(origin_of(loser), origin_of(winner), model::decided_by(rank_of(winner), rank_of(loser)));
}

}  // namespace sallyport::control
