// SPDX-License-Identifier: Apache-2.0
#include "control/engine.hpp"

#include <gtest/gtest.h>

#include <string>

#include "unit/control/objects.hpp"

namespace sallyport::control {
namespace {

const std::string web = service() + slice("10.0.0.1");

TEST(Engine, FirstDeltaHoldsTheListenerAlsoWithoutObjects) {
  Engine engine({});
  const Outcome outcome = engine.apply({});
  EXPECT_EQ(outcome.delta.version, 1U);
  ASSERT_EQ(outcome.delta.listeners.changed.size(), 1U);
  EXPECT_EQ(outcome.delta.listeners.changed[0]->id, "http");
}

TEST(Engine, EqualPartsAreNotInTheDelta) {
  Engine engine({});
  engine.apply(changed(web + ingress("a", rules({rule("a.example.com", "/")}))));
  const Outcome outcome = engine.apply(changed(ingress("b", rules({rule("b.example.com", "/")}))));
  EXPECT_EQ(outcome.delta.version, 2U);
  ASSERT_EQ(outcome.delta.rules.changed.size(), 1U);
  EXPECT_EQ(outcome.delta.rules.changed[0]->host.name, "b.example.com");
  EXPECT_TRUE(outcome.delta.rules.removed.empty());
  EXPECT_TRUE(outcome.delta.listeners.empty());
  EXPECT_TRUE(outcome.delta.endpoint_sets.empty());
  EXPECT_TRUE(outcome.delta.backends.empty());
  ASSERT_EQ(outcome.changed.size(), 1U);
  EXPECT_EQ(outcome.changed[0]->origin.object, ingress_ref("b"));
}

TEST(Engine, TellsWhichRulesOneShadows) {
  Engine engine({});
  const std::string rules_of_all = rules({rule("a.example.com", "/"), rule("a.example.com", "/other")});
  engine.apply(changed(web + ingress("a", rules_of_all) + ingress("b", rules_of_all) +
                       ingress("c", rules({rule("b.example.com", "/")}))));
  const Parts parts = engine.parts();
  ASSERT_EQ(parts.rules.size(), 3U);
  for (const auto& [id, one] : parts.rules) {
    const auto losers = engine.shadowed_by(*one);
    if (one->host.name == "b.example.com") {
      EXPECT_TRUE(losers.empty());
      continue;
    }
    ASSERT_EQ(losers.size(), 1U) << id;
    EXPECT_EQ(losers[0]->origin.object, ingress_ref("b"));
    EXPECT_EQ(losers[0]->path, one->path);
  }
}

TEST(Engine, ChangeThatMeansTheSameMakesNoVersion) {
  Engine engine({});
  const std::string text = web + ingress("a", rules({rule("a.example.com", "/")}));
  engine.apply(changed(text));
  const Outcome outcome = engine.apply(changed(text));
  EXPECT_TRUE(outcome.delta.empty());
  EXPECT_EQ(outcome.delta.version, 1U);
  EXPECT_EQ(engine.version(), 1U);
  EXPECT_TRUE(outcome.changed.empty());
}

TEST(Engine, PartsThatOnlyMovedToOtherLinesAreSentForExplainNamesTodaysLines) {
  Engine engine({});
  const std::string text = web + ingress("a", rules({rule("a.example.com", "/")}));
  engine.apply(changed(text));
  const std::uint32_t line = engine.parts().rules.begin()->second->origin.line;
  const Outcome moved = engine.apply(changed("\n\n" + text));
  ASSERT_EQ(moved.delta.rules.changed.size(), 1U);
  EXPECT_EQ(moved.delta.rules.changed[0]->origin.line, line + 2);
  EXPECT_EQ(moved.delta.endpoint_sets.changed.size(), 1U);
  EXPECT_TRUE(moved.delta.backends.empty()) << "which have no line";
  EXPECT_EQ(engine.version(), 2U);
  EXPECT_EQ(engine.status(ingress_ref("a"))->origin.line, 16U);
  EXPECT_EQ(moved.changed.size(), 3U) << "the statuses, for their lines";
}

TEST(Engine, EndpointChangeTouchesOneSetAndNoRule) {
  Engine engine({});
  engine.apply(changed(web + ingress("a", rules({rule("a.example.com", "/"), rule("b.example.com", "/")}))));
  const Outcome outcome = engine.apply(changed(slice("10.0.0.2")));
  EXPECT_EQ(outcome.delta.endpoint_sets.changed.size(), 1U);
  EXPECT_TRUE(outcome.delta.rules.empty());
  EXPECT_TRUE(outcome.delta.backends.empty());
}

TEST(Engine, RemovedObjectTakesItsPartsAlong) {
  Engine engine({});
  engine.apply(changed(web + ingress("a", rules({rule("a.example.com", "/")}))));
  const Outcome outcome = engine.apply(removed(ingress_ref("a")));
  EXPECT_EQ(outcome.delta.rules.removed.size(), 1U);
  EXPECT_EQ(outcome.delta.backends.removed.size(), 1U);
  EXPECT_EQ(outcome.gone, std::vector<ObjectRef>{ingress_ref("a")});
  EXPECT_FALSE(engine.status(ingress_ref("a")));
}

TEST(Engine, LoserTakesOverWhenTheWinnerGoes) {
  Engine engine({});
  engine.apply(changed(web + ingress("a", rules({rule("x.example.com", "/")})) +
                       ingress("b", rules({rule("x.example.com", "/")}))));
  EXPECT_EQ(engine.status(ingress_ref("b"))->verdict, dialects::Verdict::rejected);
  const Outcome outcome = engine.apply(removed(ingress_ref("a")));
  EXPECT_EQ(outcome.delta.rules.changed.size(), 1U);
  EXPECT_EQ(engine.status(ingress_ref("b"))->verdict, dialects::Verdict::accepted);
}

TEST(Engine, FaultyObjectKeepsItsLastGoodVersionAndTheStatusNamesBothGenerations) {
  Engine engine({});
  engine.apply(changed(web + ingress("a", rules({rule("a.example.com", "/")}), ", generation: 4")));
  const Parts before = engine.parts();
  const Outcome outcome = engine.apply(changed(ingress("a", "rules: nonsense", ", generation: 5")));
  EXPECT_TRUE(outcome.delta.empty());
  EXPECT_EQ(engine.parts(), before);
  const StatusPtr held = engine.status(ingress_ref("a"));
  ASSERT_TRUE(held);
  const ObjectStatus& status = *held;
  EXPECT_EQ(status.verdict, dialects::Verdict::rejected);
  EXPECT_TRUE(status.last_good);
  EXPECT_EQ(status.generation, 5U);
  EXPECT_EQ(status.good_generation, 4U);
  EXPECT_EQ(status.findings[0].reason, "InvalidField");
  EXPECT_EQ(status.findings[1].reason, "LastGood");
  EXPECT_EQ(status.findings[1].message, "the last version without such a fault (generation 4) stays in force");
  const std::string line = to_line(verdict_of(status));
  EXPECT_TRUE(line.ends_with("; the last version without such a fault stays in force")) << line;
  EXPECT_EQ(status.rules, 1U);
}

TEST(Engine, LastGoodIsTranslatedWithTodaysDependencies) {
  Engine engine({});
  engine.apply(changed(web + ingress("a", rules({rule("a.example.com", "/")}))));
  engine.apply(changed(ingress("a", "rules: nonsense")));
  engine.apply(removed({.group = "", .kind = "Service", .namespace_ = "shop", .name = "web"}));
  ASSERT_EQ(engine.parts().rules.size(), 1U);
  const model::Destination destination = engine.parts().rules.begin()->second->destinations[0];
  EXPECT_EQ(std::get<model::FixedAnswer>(destination.target).code, Code::no_service);
}

TEST(Engine, MissingServiceNeverBringsAnOlderVersionBack) {
  Engine engine({});
  engine.apply(changed(web + ingress("a", rules({rule("a.example.com", "/old")}))));
  engine.apply(changed(ingress("a", rules({rule("a.example.com", "/new", "Prefix", "gone")}))));
  ASSERT_EQ(engine.parts().rules.size(), 1U);
  EXPECT_EQ(engine.parts().rules.begin()->second->path.value, "/new");
  EXPECT_FALSE(engine.status(ingress_ref("a"))->last_good);
}

TEST(Engine, FaultOfOneRuleDropsThatRuleOnly) {
  Engine engine({});
  engine.apply(changed(web + ingress("a", rules({rule("a.example.com", "/"), rule("b.example.com", "/")}))));
  engine.apply(changed(ingress("a", rules({rule("a.example.com", "/", "Regex"), rule("b.example.com", "/")}))));
  ASSERT_EQ(engine.parts().rules.size(), 1U);
  EXPECT_EQ(engine.parts().rules.begin()->second->host.name, "b.example.com");
}

TEST(Engine, SliceThatMovesServesItsNewServiceOnly) {
  Engine engine({});
  engine.apply(changed(service("web") + service("api") + slice("10.0.0.1", "web")));
  EXPECT_EQ(engine.parts().endpoint_sets.at("shop/web:80")->endpoints.size(), 1U);
  engine.apply(changed(slice("10.0.0.1", "api")));
  EXPECT_TRUE(engine.parts().endpoint_sets.at("shop/web:80")->endpoints.empty());
  EXPECT_EQ(engine.parts().endpoint_sets.at("shop/api:80")->endpoints.size(), 1U);
}

TEST(Engine, FaultsOfAForeignObjectAreNotJudged) {
  Engine engine({});
  engine.apply(changed(ingress("a", "ingressClassName: nobody, rules: nonsense")));
  const StatusPtr held = engine.status(ingress_ref("a"));
  ASSERT_TRUE(held);
  const ObjectStatus& status = *held;
  EXPECT_EQ(status.verdict, dialects::Verdict::ignored);
  ASSERT_EQ(status.findings.size(), 1U);
  EXPECT_EQ(status.findings[0].reason, "UnknownClass");
}

TEST(Engine, ObjectThatGoesOverToAnotherClassIsNotHeldByItsLastGoodVersion) {
  Engine engine({});
  engine.apply(changed(web + ingress("a", rules({rule("a.example.com", "/")}))));
  engine.apply(changed(ingress("a", "ingressClassName: nobody, rules: nonsense")));
  EXPECT_TRUE(engine.parts().rules.empty());
  EXPECT_FALSE(engine.status(ingress_ref("a"))->last_good);
}

TEST(Engine, UnreadableClassKeepsTheLastGoodVersion) {
  Engine engine({});
  engine.apply(changed(web + ingress("a", rules({rule("a.example.com", "/")}))));
  engine.apply(changed(ingress("a", "ingressClassName: [nobody], " + rules({rule("b.example.com", "/")}))));
  ASSERT_EQ(engine.parts().rules.size(), 1U);
  EXPECT_EQ(engine.parts().rules.begin()->second->host.name, "a.example.com");
}

TEST(Engine, FirstVersionWithAFaultIsLeftOut) {
  Engine engine({});
  engine.apply(changed(web + ingress("a", "rules: nonsense")));
  EXPECT_TRUE(engine.parts().rules.empty());
  EXPECT_EQ(engine.status(ingress_ref("a"))->verdict, dialects::Verdict::rejected);
  EXPECT_FALSE(engine.status(ingress_ref("a"))->last_good);
}

}  // namespace
}  // namespace sallyport::control
