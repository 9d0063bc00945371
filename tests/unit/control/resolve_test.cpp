// SPDX-License-Identifier: Apache-2.0
#include "control/resolve.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "control/groups.hpp"

namespace sallyport::control {
namespace {

const dialects::GroupKey place{.place = {"shop.example.com", "/"}};

model::Rule rule(const std::string& name, std::int64_t created, std::uint32_t index = 0) {
  model::Rule rule;
  rule.rank.tier = 1;
  rule.rank.created = created;
  rule.rank.name = "shop/" + name;
  rule.rank.index = index;
  rule.origin.object = {.group = "networking.k8s.io", .kind = "Ingress", .namespace_ = "shop", .name = name};
  rule.origin.file = "web.yaml";
  rule.origin.line = 7;
  rule.origin.field = "spec.rules[0]";
  return rule;
}

HeldClaim claim(model::Rule rule) { return {.value = std::make_shared<const model::Rule>(std::move(rule))}; }

const std::string& name_of(const HeldClaim& claim) { return dialects::origin_of(claim.value).object.name; }

TEST(Resolve, FirstWinsInWhateverOrderTheClaimsCome) {
  std::vector<HeldClaim> claims;
  claims.push_back(claim(rule("ageless", model::Rank::never)));
  claims.push_back(claim(rule("old", 10)));
  claims.push_back(claim(rule("young", 30)));
  std::vector<HeldClaim*> order = {&claims[0], &claims[1], &claims[2]};
  do {
    Groups groups;
    Group& group = groups.at(place);
    for (HeldClaim* next : order) {
      next->group = &group;
      groups.insert(*next);
    }
    EXPECT_EQ(name_of(*resolve(group)), "old");
    EXPECT_EQ(name_of(*group.claims[1]), "young");
    EXPECT_EQ(name_of(*group.claims[2]), "ageless");
    groups.erase(claims[1]);
    EXPECT_EQ(name_of(*resolve(group)), "young");
    EXPECT_EQ(groups.verdict(packed(place)).claims, 2U);
    EXPECT_EQ(groups.verdict(packed(place)).winner->name, "young");
  } while (std::ranges::next_permutation(order).found);
}

TEST(Resolve, TellsTheLoserWhoShadowsItAndWhy) {
  const HeldClaim winner = claim(rule("old", 10));
  const HeldClaim loser = claim(rule("young", 30));
  const dialects::Finding finding = shadowed(loser.value, winner.value);
  EXPECT_EQ(finding.reason, "Shadowed");
  EXPECT_EQ(sentence(finding), "shadowed by Ingress shop/old (web.yaml:7), which has an older object");
  EXPECT_EQ(finding.origin, dialects::origin_of(loser.value));
  ASSERT_TRUE(finding.by);
  EXPECT_EQ(finding.by->origin, dialects::origin_of(winner.value));
}

TEST(Resolve, LineOfTheWinnerIsNoPartOfWhatIsSaid) {
  const HeldClaim loser = claim(rule("young", 30));
  model::Rule old = rule("old", 10);
  const dialects::Finding before = shadowed(loser.value, claim(old).value);
  old.origin.line = 8;
  const dialects::Finding moved = shadowed(loser.value, claim(old).value);
  EXPECT_NE(before, moved);
  EXPECT_TRUE(says_the_same(before, moved));
  EXPECT_FALSE(says_the_same(before, shadowed(loser.value, claim(rule("other", 10)).value)));
  EXPECT_FALSE(says_the_same(before, shadowed(claim(rule("young", 10)).value, claim(old).value))) << "another reason";
}

TEST(Resolve, WithinOneObjectTheFirstIndexWinsAndItsFieldIsNamed) {
  const HeldClaim first = claim(rule("web", 10, 0));
  const HeldClaim second = claim(rule("web", 10, 1));
  EXPECT_TRUE(comes_before(first.value, second.value));
  EXPECT_EQ(sentence(shadowed(second.value, first.value)),
            "shadowed by spec.rules[0] of the same Ingress (web.yaml:7), which has the first place in its object");
}

TEST(Resolve, EqualRanksOfTwoKindsAreOrderedByOwner) {
  model::Rule route = rule("web", 10);
  route.origin.object.kind = "HTTPRoute";
  EXPECT_TRUE(comes_before(claim(route).value, claim(rule("web", 10)).value));
  EXPECT_FALSE(comes_before(claim(rule("web", 10)).value, claim(route).value));
}

TEST(Groups, PackedKeyIsATuple) {
  const auto key = [](std::vector<std::string> parts) { return packed({.place = std::move(parts)}); };
  EXPECT_NE(key({"a", "b"}), key({"a 1:b"}));
  EXPECT_NE(key({"ab", ""}), key({"a", "b"}));
  EXPECT_NE(key({""}), key({}));
  EXPECT_NE(packed({.level = dialects::Level::policies}), packed({.level = dialects::Level::rules}));
}

}  // namespace
}  // namespace sallyport::control
