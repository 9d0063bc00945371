// SPDX-License-Identifier: Apache-2.0
#include "routing/regexes.hpp"

#include <gtest/gtest.h>

#include "unit/routing/rules.hpp"

namespace sallyport::routing {
namespace {

TEST(Regexes, TheSameTextIsTheSameExpression) {
  Regexes all;
  const SharedRegex first = all.get("/a.*");
  EXPECT_EQ(all.get("/a.*"), first);
  EXPECT_NE(all.get("/b.*"), first);
  const SharedRegex folds = all.get("/a.*", true);
  EXPECT_NE(folds, first);
  EXPECT_TRUE(folds->fits("/A"));
  EXPECT_FALSE(first->fits("/A"));
  EXPECT_EQ(all.get("("), nullptr);
}

TEST(Regexes, ForgetsWhatNobodyHas) {
  Regexes all;
  const SharedRegex kept = all.get("kept");
  for (int i = 0; i < 500; ++i) {
    all.get(std::to_string(i));
    ASSERT_LE(all.size(), 65U);
  }
  EXPECT_EQ(all.get("kept"), kept);
}

TEST(Regexes, AreSharedByRules) {
  model::Rule one = model_rule("~[a-z]+\\.example", "~/a.*", 1);
  one.predicates = {{model::HeaderIs{.name = "x-a", .value = {.kind = model::TextMatch::Kind::regex, .value = "b.*"}}}};
  model::Rule other = one;
  other.id = "other";
  Regexes regexes;
  const Rule first(shared(one), {}, {}, &regexes);
  const Rule second(shared(other), {}, {}, &regexes);
  EXPECT_EQ(first.host_regex, second.host_regex);
  EXPECT_EQ(first.path_regex, second.path_regex);
  EXPECT_EQ(regexes.size(), 3U);
}

TEST(Regexes, AreSharedByAllRulesOfACompiler) {
  Routes routes({model_rule("~[a-z]+\\.example", "/a", 1), model_rule("~[a-z]+\\.example", "/b", 2)});
  const Asked a("x.example", "/a");
  const Asked b("x.example", "/b");
  Choice first(*routes.snapshot, routes.listener(), a.head, a.client);
  Choice second(*routes.snapshot, routes.listener(), b.head, b.client);
  const Rule* const rule = first.next().rule;
  const Rule* const other = second.next().rule;
  ASSERT_TRUE(rule != nullptr && other != nullptr && rule != other);
  EXPECT_EQ(rule->host_regex, other->host_regex);
}

}  // namespace
}  // namespace sallyport::routing
