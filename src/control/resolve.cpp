// SPDX-License-Identifier: Apache-2.0
#include "control/resolve.hpp"

#include <algorithm>
#include <string>
#include <tuple>

#include "base/text.hpp"

namespace sallyport::control {
namespace {

using dialects::Claim;

std::string place(const model::Origin& origin) {
  return origin.file.empty() ? std::string() : text::cat(" (", origin.file, ":", origin.line, ")");
}

dialects::Finding shadowed(const Claim& loser, const Claim& winner) {
  const std::string by = winner.owner() == loser.owner()
                             ? text::cat(winner.origin().field, " of the same ", winner.owner().kind)
                             : to_text(winner.owner());
  return {
      .verdict = dialects::Verdict::rejected,
      .reason = "Shadowed",
      .message = text::cat("shadowed by ", by, place(winner.origin())),
      .origin = loser.origin(),
  };
}

Resolved first_wins(const std::vector<const Claim*>& in_order) {
  Resolved resolved{.winners = {in_order.front()}, .losers = {}};
  for (auto loser = in_order.begin() + 1; loser != in_order.end(); ++loser) {
    resolved.losers.push_back({*loser, shadowed(**loser, *in_order.front())});
  }
  return resolved;
}

}  // namespace

Resolved resolve(std::span<const Claim* const> group) {
  std::vector<const Claim*> in_order(group.begin(), group.end());
  std::ranges::sort(in_order, [](const Claim* one, const Claim* other) {
    return std::tie(one->rank(), one->owner()) < std::tie(other->rank(), other->owner());
  });
  switch (in_order.front()->group.resolution) {
    case dialects::Resolution::first_wins:
      return first_wins(in_order);
  }
  return {};
}

}  // namespace sallyport::control
