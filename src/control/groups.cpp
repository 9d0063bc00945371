// SPDX-License-Identifier: Apache-2.0
#include "control/groups.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/text.hpp"
#include "control/resolve.hpp"

namespace sallyport::control {
namespace {

// The first that is not before `claim`.
auto place_of(const HeldClaim& claim) {
  std::vector<HeldClaim*>& claims = claim.group->claims;
  return std::ranges::lower_bound(claims, &claim, [](const HeldClaim* one, const HeldClaim* other) {
    return comes_before(one->value, other->value);
  });
}

}  // namespace

std::string packed(const dialects::GroupKey& key) {
  std::string all = text::cat(static_cast<unsigned>(key.level), ".", static_cast<unsigned>(key.resolution));
  for (const std::string& part : key.place) all += text::cat(" ", part.size(), ":", part);
  all.shrink_to_fit();
  return all;
}

Group& Groups::at(const dialects::GroupKey& key) {
  const auto [at, fresh] = groups_.try_emplace(packed(key));
  Group& group = at->second;
  if (fresh) {
    group.key = &at->first;
    group.level = key.level;
    group.resolution = key.resolution;
  }
  return group;
}

void Groups::insert(HeldClaim& claim) {
  mark(*claim.group);
  claim.group->claims.insert(place_of(claim), &claim);
}

void Groups::erase(HeldClaim& claim) {
  Group& group = *claim.group;
  mark(group);
  if (group.winner == &claim) group.winner = nullptr;
  // A search of one step, unless a dialect claims a group twice with one rank.
  group.claims.erase(std::find(place_of(claim), group.claims.end(), &claim));
}

void Groups::mark(Group& group) {
  if (std::exchange(group.is_dirty, true)) return;
  Dirty dirty{&group, std::nullopt};
  if (group.winner != nullptr) dirty.former = group.winner->value;
  dirty_.at(static_cast<std::size_t>(group.level)).push_back(std::move(dirty));
}

std::vector<Groups::Dirty> Groups::take_dirty(dialects::Level up_to) {
  std::vector<Dirty> all;
  for (std::size_t level = 0; level <= static_cast<std::size_t>(up_to); ++level) {
    std::ranges::move(dirty_.at(level), std::back_inserter(all));
    dirty_.at(level) = {};
  }
  for (const Dirty& dirty : all) dirty.group->is_dirty = false;
  return all;
}

void Groups::drop_if_empty(Group& group) {
  if (group.claims.empty()) groups_.erase(groups_.find(*group.key));
}

const Group* Groups::find(const std::string& key) const {
  const auto found = groups_.find(key);
  return found == groups_.end() ? nullptr : &found->second;
}

dialects::GroupVerdict Groups::verdict(const std::string& key) const {
  const auto found = groups_.find(key);
  return found == groups_.end() ? dialects::GroupVerdict() : verdict_of(found->second);
}

dialects::GroupVerdict verdict_of(const Group& group) {
  dialects::GroupVerdict verdict{.claims = group.claims.size(), .winner = std::nullopt};
  if (const HeldClaim* winner = resolve(group)) verdict.winner = dialects::origin_of(winner->value).object;
  return verdict;
}

}  // namespace sallyport::control
