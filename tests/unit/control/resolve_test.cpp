// SPDX-License-Identifier: Apache-2.0
#include "control/resolve.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace sallyport::control {
namespace {

using dialects::Claim;

Claim claim(std::string name, std::int64_t created, std::uint32_t index = 0) {
  Claim claim;
  claim.group.place = {"shop.example.com", "/"};
  claim.rank.created = created;
  claim.rank.name = "shop/" + name;
  claim.rank.index = index;
  claim.owner = {.group = "networking.k8s.io", .kind = "Ingress", .namespace_ = "shop", .name = std::move(name)};
  claim.origin = {.object = claim.owner, .file = "web.yaml", .line = 7, .field = "spec.rules[0]"};
  return claim;
}

TEST(Resolve, FirstWinsInWhateverOrderTheClaimsCome) {
  const std::vector<Claim> claims = {claim("young", 30), claim("old", 10), claim("ageless", model::Rank::never)};
  std::vector<const Claim*> group = {&claims[0], &claims[1], &claims[2]};
  std::ranges::sort(group);
  do {
    const Resolved resolved = resolve(group);
    ASSERT_EQ(resolved.winners.size(), 1U);
    EXPECT_EQ(resolved.winners[0]->owner.name, "old");
    ASSERT_EQ(resolved.losers.size(), 2U);
    EXPECT_EQ(resolved.losers[0].claim->owner.name, "young");
    EXPECT_EQ(resolved.losers[1].claim->owner.name, "ageless");
    EXPECT_EQ(resolved.count(), 3U);
  } while (std::ranges::next_permutation(group).found);
}

TEST(Resolve, TellsTheLoserWhoShadowsIt) {
  const Claim winner = claim("old", 10);
  const Claim loser = claim("young", 30);
  const std::vector<const Claim*> group = {&loser, &winner};
  const Resolved resolved = resolve(group);
  ASSERT_EQ(resolved.losers.size(), 1U);
  EXPECT_EQ(resolved.losers[0].finding.reason, "Shadowed");
  EXPECT_EQ(resolved.losers[0].finding.message, "shadowed by Ingress shop/old (web.yaml:7)");
  EXPECT_EQ(resolved.losers[0].finding.origin, loser.origin);
}

TEST(Resolve, WithinOneObjectTheFirstIndexWinsAndItsFieldIsNamed) {
  const Claim first = claim("web", 10, 0);
  const Claim second = claim("web", 10, 1);
  const std::vector<const Claim*> group = {&second, &first};
  const Resolved resolved = resolve(group);
  EXPECT_EQ(resolved.winners[0], &first);
  EXPECT_EQ(resolved.losers[0].finding.message, "shadowed by spec.rules[0] of the same Ingress (web.yaml:7)");
}

TEST(Resolve, EqualRanksOfTwoKindsAreOrderedByOwner) {
  Claim one = claim("web", 10);
  Claim other = claim("web", 10);
  other.owner.kind = "HTTPRoute";
  const std::vector<const Claim*> group = {&one, &other};
  EXPECT_EQ(resolve(group).winners[0], &other);
}

}  // namespace
}  // namespace sallyport::control
