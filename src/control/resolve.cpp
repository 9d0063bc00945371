// SPDX-License-Identifier: Apache-2.0
#include "control/resolve.hpp"

#include <string>
#include <tuple>

#include "base/text.hpp"
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
  }
  return nullptr;
}

dialects::Finding shadowed(const ClaimValue& loser, const ClaimValue& winner) {
  const model::Origin& by = origin_of(winner);
  const bool is_own = by.object == origin_of(loser).object;
  return {
      .verdict = dialects::Verdict::rejected,
      .reason = "Shadowed",
      .message =
          text::cat("shadowed by ", is_own ? text::cat(by.field, " of the same ", by.object.kind) : to_text(by.object)),
      .origin = origin_of(loser),
      .by = dialects::Winner{.origin = by,
                             .has = std::string(to_text(model::decided_by(rank_of(winner), rank_of(loser))))},
  };
}

}  // namespace sallyport::control
