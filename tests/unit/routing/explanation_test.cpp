// SPDX-License-Identifier: Apache-2.0
#include "routing/explanation.hpp"

#include <gtest/gtest.h>

#include "base/text.hpp"
#include "unit/routing/rules.hpp"

namespace sallyport::routing {
namespace {

Explanation explained(const Routes& routes, const Asked& asked, std::optional<std::uint64_t> number = {}) {
  return explain(*routes.snapshot, routes.listener(), asked.head, asked.client, number);
}

void add_backend(Routes& routes, const std::string& id, std::initializer_list<std::string_view> addresses) {
  model::EndpointSet set{.id = "set of " + id, .endpoints = {}, .origin = {}};
  for (const auto address : addresses) set.endpoints.push_back({.address = *syntax::SocketAddress::parse(address)});
  model::Delta delta;
  delta.backends.changed = {
      std::make_shared<const model::Backend>(model::Backend{.id = id, .endpoint_set = set.id, .origin = {}})};
  delta.endpoint_sets.changed = {std::make_shared<const model::EndpointSet>(std::move(set))};
  routes.apply(std::move(delta));
}

TEST(Explanation, NamesWhatServes) {
  model::Rule rule = model_rule("a.example", "/shop", 1);
  rule.chain = {model::RequestId(), model::ModifyHeaders()};
  rule.origin.file = "shop.yaml";
  Routes routes({rule});
  add_backend(routes, "b", {"10.0.0.1:80"});
  const Explanation all = explained(routes, Asked("a.example", "/shop/cart"));
  EXPECT_EQ(all.version, routes.snapshot->version);
  EXPECT_EQ(all.listener->id, "l");
  ASSERT_NE(all.rule, nullptr);
  EXPECT_EQ(*all.rule, rule);
  EXPECT_EQ(all.path, "/shop/cart");
  EXPECT_EQ(all.prefix, "/shop");
  EXPECT_EQ(all.chain, (std::vector<std::string_view>{"request-id", "modify-headers"}));
  EXPECT_FALSE(all.code);
  ASSERT_EQ(all.destinations.size(), 1U);
  EXPECT_EQ(all.destinations[0].backend, "b");
  EXPECT_EQ(all.destinations[0].part->endpoint_set, "set of b");
  EXPECT_EQ(all.destinations[0].endpoints->endpoints.at(0).address.text(), "10.0.0.1:80");
  EXPECT_TRUE(all.losers.empty());
}

TEST(Explanation, TheNumberChoosesTheDestinationAsARequestsDoes) {
  model::Rule rule = model_rule("", "/");
  rule.destinations = {{.target = model::BackendRef{.backend = "b"}, .weight = 3},
                       {.target = model::BackendRef{.backend = "unused"}, .weight = 0},
                       {.target = model::FixedAnswer{.code = Code::no_service}, .weight = 1}};
  rule.destinations[2].chain = {model::ModifyHeaders()};
  Routes routes({rule});
  add_backend(routes, "b", {"10.0.0.1:80"});
  const Explanation without = explained(routes, Asked("", "/"));
  EXPECT_FALSE(without.code) << "not every destination fails";
  EXPECT_EQ(without.weights, 4U);
  ASSERT_EQ(without.destinations.size(), 2U);
  EXPECT_FALSE(without.destinations[0].is_chosen || without.destinations[1].is_chosen);
  const Explanation first = explained(routes, Asked("", "/"), 2);
  EXPECT_TRUE(first.destinations[0].is_chosen);
  EXPECT_FALSE(first.destinations[1].is_chosen);
  EXPECT_FALSE(first.code);
  const Explanation second = explained(routes, Asked("", "/"), 3);
  EXPECT_TRUE(second.destinations[1].is_chosen);
  EXPECT_EQ(second.destinations[1].chain, std::vector<std::string_view>{"modify-headers"});
  EXPECT_EQ(second.code, Code::no_service);
}

TEST(Explanation, SaysWhyNothingIsForwarded) {
  model::Rule nowhere = model_rule("", "/nowhere");
  nowhere.destinations.clear();
  model::Rule empty = model_rule("", "/empty");
  empty.destinations = {{.target = model::BackendRef{.backend = "empty"}}};
  Routes routes({nowhere, empty, model_rule("", "/gone")});
  add_backend(routes, "empty", {});
  EXPECT_EQ(explained(routes, Asked("", "/x")).code, Code::no_path);
  EXPECT_EQ(explained(routes, Asked("", "/nowhere")).code, Code::no_service);
  EXPECT_EQ(explained(routes, Asked("", "/gone")).code, Code::no_service);
  EXPECT_EQ(explained(routes, Asked("", "/empty")).code, Code::no_endpoints);
  EXPECT_EQ(explained(routes, Asked("", "/empty"), 1).code, Code::no_endpoints);
  EXPECT_EQ(explained(Routes(), Asked("", "/x")).code, Code::no_host);
  const Explanation slash = explained(routes, Asked("", "/gone/a%2Fb"));
  EXPECT_EQ(slash.code, Code::bad_path);
  EXPECT_FALSE(slash.detail.empty());
  EXPECT_EQ(slash.rule->id, "/gone");
}

TEST(Explanation, EveryOtherCandidateIsALoserForAReason) {
  model::Rule asks = model_rule("", "/a", 1);
  asks.id = "asks";
  asks.predicates = {{model::MethodIs{{"POST"}}}};
  model::Rule later = model_rule("", "/a", 2);
  later.id = "later";
  later.rank.created = 5;
  model::Rule winner = model_rule("", "/a", 2);
  winner.id = "winner";
  winner.rank.created = 4;
  model::Rule regex = model_rule("", "~/a.", 7);
  const Explanation all = explained(Routes({asks, later, winner, regex}), Asked("", "/a"));
  EXPECT_EQ(all.rule->id, "winner");
  ASSERT_EQ(all.losers.size(), 3U);
  EXPECT_EQ(all.losers[0].rule->id, "asks");
  EXPECT_TRUE(all.losers[0].is_before_winner);
  EXPECT_EQ(all.losers[0].verdict, Verdict::predicate);
  EXPECT_EQ(all.losers[0].unmet, "method is POST");
  EXPECT_EQ(all.losers[1].rule->id, "later");
  EXPECT_FALSE(all.losers[1].is_before_winner);
  EXPECT_EQ(all.losers[1].verdict, Verdict::fits);
  EXPECT_EQ(all.losers[1].beaten_by, model::Decision::age);
  EXPECT_EQ(all.losers[2].verdict, Verdict::path);
  EXPECT_EQ(all.more_losers, 0U);
}

TEST(Explanation, TellsHowManyLosersItDoesNotName) {
  std::vector<model::Rule> rules;
  for (std::uint64_t i = 0; i < 40; ++i) {
    rules.push_back(model_rule("", "/", i));
    rules.back().id = std::to_string(i);
  }
  const Explanation all = explained(Routes(rules), Asked("", "/"));
  EXPECT_EQ(all.rule->id, "0");
  EXPECT_EQ(all.losers.size(), most_losers);
  EXPECT_EQ(all.more_losers, 39 - most_losers);
}

// However many did not fit before it: what the winner beat is what people ask for.
TEST(Explanation, LosersBehindTheWinnerAreNamedWhateverIsBeforeIt) {
  std::vector<model::Rule> rules;
  for (std::uint64_t i = 0; i < 80; ++i) {
    rules.push_back(model_rule("", "/", i));
    rules.back().id = std::to_string(i);
    if (i < 40) rules.back().predicates = {{model::MethodIs{{"POST"}}}};
  }
  const Explanation all = explained(Routes(rules), Asked("", "/"));
  EXPECT_EQ(all.rule->id, "40");
  ASSERT_EQ(all.losers.size(), 2 * most_losers);
  EXPECT_TRUE(all.losers[most_losers - 1].is_before_winner);
  EXPECT_EQ(all.losers[most_losers].rule->id, "41");
  EXPECT_EQ(all.more_losers, 79 - 2 * most_losers);
}

}  // namespace
}  // namespace sallyport::routing
