// SPDX-License-Identifier: Apache-2.0
#include "control/roots.hpp"

#include <utility>

#include "control/resolve.hpp"

namespace sallyport::control {

ObjectStatus status_of(const KnownObject& object, const std::optional<std::vector<std::string>>& addresses) {
  Translated translated;
  translated.won = object.won;
  for (const auto& root : object.roots) {
    if (!root->is_translated) continue;
    translated.dialects.push_back({root->ours, root->wants_addresses, root->findings});
    for (const auto& claim : root->claims) {
      if (claim->wins || claim->group->winner == nullptr) continue;
      if (dialects::same_effect(claim->value, claim->group->winner->value)) continue;
      translated.lost.push_back(shadowed(claim->value, claim->group->winner->value));
    }
  }
  return compose(*object.entry, translated, addresses);
}

std::unique_ptr<HeldClaim> FormerClaims::take(std::size_t at, const Group& group, const dialects::ClaimValue& value) {
  const auto fits = [&](std::size_t place) {
    const auto& claim = claims_[place];
    return claim != nullptr && claim->group == &group && dialects::equal(claim->value, value);
  };
  if (at < claims_.size() && fits(at)) return std::move(claims_[at]);
  if (by_group_.empty()) {
    for (std::size_t place = 0; place < claims_.size(); ++place) {
      if (claims_[place]) by_group_.emplace(claims_[place]->group, place);
    }
  }
  const auto found = by_group_.find(&group);
  return found != by_group_.end() && fits(found->second) ? std::move(claims_[found->second]) : nullptr;
}

FormerClaims::Claims FormerClaims::rest() {
  Claims rest;
  for (auto& claim : claims_) {
    if (claim) rest.push_back(std::move(claim));
  }
  return rest;
}

}  // namespace sallyport::control
