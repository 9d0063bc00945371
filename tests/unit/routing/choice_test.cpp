// SPDX-License-Identifier: Apache-2.0
#include "routing/choice.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "unit/routing/allocations.hpp"
#include "unit/routing/rules.hpp"

namespace sallyport::routing {
namespace {

constexpr std::string_view none = "(none)";

// The part of the path that the rule stands for when it fits.
std::string fit(std::string_view rule_path, std::string_view path) {
  const Routes routes({model_rule("", rule_path)});
  const Asked asked("h", path);
  Choice choice(*routes.snapshot, routes.listener(), asked.head, asked.client);
  const Candidate found = choice.next();
  return std::string(found.rule == nullptr ? none : found.prefix);
}

struct Case {
  std::string_view rule;
  std::string_view path;
  std::string_view prefix;
};

TEST(Choice, AnElementPrefixCoversWholeElements) {
  for (const Case& one :
       {Case{"/shop", "/shop", "/shop"}, Case{"/shop", "/shop/", "/shop"}, Case{"/shop", "/shop/cart", "/shop"},
        Case{"/shop", "/shopping", none}, Case{"/shop", "/sho", none}, Case{"/shop", "/", none},
        Case{"/shop/cart", "/shop", none}, Case{"/shop/cart", "/shop/cart/1", "/shop/cart"},
        Case{"/shop", "/a/shop", none}, Case{"/shop", "/Shop", none}, Case{"i:/Shop", "/sHop/x", "/sHop"},
        Case{"i:/Shop", "/sHopx", none}}) {
    EXPECT_EQ(fit(one.rule, one.path), one.prefix) << one.rule << " and " << one.path;
  }
}

TEST(Choice, ABytePrefixCoversWhateverFollows) {
  for (const Case& one : {Case{"^/shop", "/shop", "/shop"}, Case{"^/shop", "/shopping", "/shop"},
                          Case{"^/shop", "/sho", none}, Case{"i:^/shop", "/SHOPs", "/SHOP"}}) {
    EXPECT_EQ(fit(one.rule, one.path), one.prefix) << one.rule << " and " << one.path;
  }
}

TEST(Choice, TheRootPrefixCoversEverything) {
  for (const std::string_view path : {"/", "/a", "/a/", "/a/b"}) EXPECT_EQ(fit("/", path), "") << path;
}

TEST(Choice, ExactMeansThatPathOnly) {
  for (const Case& one :
       {Case{"=/shop", "/shop", "/shop"}, Case{"=/shop", "/shop/", none}, Case{"=/shop/", "/shop", none},
        Case{"=/shop/", "/shop/", "/shop/"}, Case{"=/shop", "/shop/cart", none}, Case{"=/", "/", "/"},
        Case{"=/", "/a", none}, Case{"=/a//b", "/a//b", "/a//b"}, Case{"=/a//b", "/a/b", none},
        Case{"i:=/A", "/a", "/a"}, Case{"=/A", "/a", none}}) {
    EXPECT_EQ(fit(one.rule, one.path), one.prefix) << one.rule << " and " << one.path;
  }
}

TEST(Choice, AnExpressionFitsTheWholePath) {
  for (const Case& one : {Case{"~/a\\d+", "/a12", "/a12"}, Case{"~/a\\d+", "/a12/", none}, Case{"~/a\\d+", "/b1", none},
                          Case{"~.*x", "/b/x", "/b/x"}, Case{"i:~/A.", "/ab", "/ab"}, Case{"~/A.", "/ab", none}}) {
    EXPECT_EQ(fit(one.rule, one.path), one.prefix) << one.rule << " and " << one.path;
  }
}

TEST(Choice, AnyPathStandsForNoPartOfIt) {
  for (const std::string_view path : {"/", "/a", "/a/b/"}) EXPECT_EQ(fit("*", path), "") << path;
}

TEST(Choice, EveryRuleThatFitsIsACandidateInRankOrder) {
  const Routes routes({model_rule("", "*", 9), model_rule("", "/", 5), model_rule("", "/a", 3),
                       model_rule("", "=/a/b", 1), model_rule("", "/a/b", 2), model_rule("", "/c", 0)});
  EXPECT_EQ(routes.all("h", "/a/b"), (Ids{"=/a/b", "/a/b", "/a", "/", "*"}));
  EXPECT_EQ(routes.all("h", "/a/b/"), (Ids{"/a/b", "/a", "/", "*"}));
  EXPECT_EQ(routes.all("h", "/x"), (Ids{"/", "*"}));
}

// The rank decides, not how narrow host or path is.
TEST(Choice, RankOrderGoesOverHostsAndPaths) {
  const Routes routes({model_rule("a.example", "/a", 7), model_rule("*.example", "/a/b", 5), model_rule("", "/", 6),
                       model_rule("a.example", "/", 4), model_rule("**.example", "i:/A", 1),
                       model_rule("~a.*", "~/a/.*", 3)});
  EXPECT_EQ(routes.all("a.example", "/a/b"),
            (Ids{"**.examplei:/A", "~a.*~/a/.*", "a.example/", "*.example/a/b", "/", "a.example/a"}));
}

TEST(Choice, ARuleForAPathTwiceIsTwoCandidates) {
  model::Rule later = model_rule("", "/a", 2);
  later.id = "later";
  const Routes routes({later, model_rule("", "/a", 1)});
  EXPECT_EQ(routes.all("", "/a"), (Ids{"/a", "later"}));
}

TEST(Choice, OneLabelStandsForOneLabel) {
  const Routes routes({model_rule("*.example.com", "/")});
  EXPECT_EQ(routes.all("a.example.com", "/").size(), 1U);
  for (const std::string_view host : {"example.com", "a.b.example.com", ".example.com", "com", "", "aexample.com"}) {
    EXPECT_TRUE(routes.all(host, "/").empty()) << host;
  }
}

TEST(Choice, AnyLabelsStandForOneOrMore) {
  const Routes routes({model_rule("**.example.com", "/")});
  EXPECT_EQ(routes.all("a.example.com", "/").size(), 1U);
  EXPECT_EQ(routes.all("a.b.c.example.com", "/").size(), 1U);
  for (const std::string_view host : {"example.com", ".example.com", "com", "", "aexample.com"}) {
    EXPECT_TRUE(routes.all(host, "/").empty()) << host;
  }
}

TEST(Choice, AnExpressionFitsTheWholeHost) {
  const Routes routes({model_rule("~[ab]\\.example", "/")});
  EXPECT_EQ(routes.all("a.example", "/").size(), 1U);
  EXPECT_TRUE(routes.all("aa.example", "/").empty());
  EXPECT_TRUE(routes.all("", "/").empty());
}

TEST(Choice, AHostThatIsEmptyFitsOnlyRulesForAnyHost) {
  const Routes routes({model_rule("a.example", "/", 1), model_rule("", "/", 2)});
  EXPECT_EQ(routes.all("", "/"), Ids{"/"});
}

TEST(Choice, KnowsWhetherSomeHostFitted) {
  const Routes routes({model_rule("a.example", "/a"), model_rule("*.b.example", "/a"), model_rule("~c\\d", "/a")});
  EXPECT_EQ(routes.refused(Asked("a.example", "/x")), Code::no_path);
  EXPECT_EQ(routes.refused(Asked("x.b.example", "/x")), Code::no_path);
  EXPECT_EQ(routes.refused(Asked("c1", "/x")), Code::no_path);
  EXPECT_EQ(routes.refused(Asked("c.example", "/a")), Code::no_host);
  EXPECT_EQ(routes.refused(Asked("a.example", "/a")), std::nullopt);
  EXPECT_EQ(Routes({model_rule("", "/a")}).refused(Asked("c.example", "/x")), Code::no_path);
  EXPECT_EQ(Routes().refused(Asked("c.example", "/x")), Code::no_host);
}

model::Rule closed(std::string_view host, std::string_view path, std::uint64_t rank, std::uint8_t tier = 1) {
  model::Rule made = model_rule(host, path, rank);
  made.falls_through = false;
  made.rank.tier = tier;
  return made;
}

TEST(Choice, AHostThatDoesNotFallThroughAsksNoWiderOne) {
  const Routes routes({closed("a.example", "/a", 5), model_rule("*.example", "/", 1), model_rule("", "/", 2)});
  EXPECT_EQ(routes.all("a.example", "/a"), Ids{"a.example/a"});
  EXPECT_TRUE(routes.all("a.example", "/b").empty());
  EXPECT_EQ(routes.refused(Asked("a.example", "/b")), Code::no_path);
  EXPECT_EQ(routes.all("b.example", "/b"), (Ids{"*.example/", "/"}));
}

TEST(Choice, EveryWidthOfHostClosesThoseBehindIt) {
  const std::array hosts = {"a.b.example", "*.b.example", "**.b.example", "**.example", "~a.*", ""};
  for (std::size_t closes = 0; closes + 1 < hosts.size(); ++closes) {
    Routes routes;
    Ids expected;
    for (std::size_t i = 0; i < hosts.size(); ++i) {
      model::Rule made = i == closes ? closed(hosts[i], "/", i) : model_rule(hosts[i], "/", i);
      if (i <= closes) expected.push_back(made.id);
      routes.put({std::move(made)});
    }
    EXPECT_EQ(routes.all("a.b.example", "/"), expected);
  }
}

// Until an expression is known to fit, nothing is closed by it; its own path need not fit.
TEST(Choice, AnExpressionClosesAnyHostOnlyWhereItFits) {
  const Routes routes({closed("~a.*", "/x", 1), model_rule("", "/", 2)});
  EXPECT_TRUE(routes.all("a.example", "/").empty());
  EXPECT_EQ(routes.all("b.example", "/"), Ids{"/"});
}

TEST(Choice, AHostClosesItsOwnDialectsTierOnly) {
  model::Rule other = model_rule("", "/", 3);
  other.rank.tier = 2;
  const Routes routes({closed("a.example", "/a", 5, 3), other, closed("*.example", "/", 1, 3)});
  EXPECT_EQ(routes.all("a.example", "/b"), Ids{"/"});
}

// However its rules are spread over tables.
TEST(Choice, AHostClosesRulesOfOtherScopesToo) {
  model::Rule scoped = closed("a.example", "/a", 5);
  scoped.listeners = {"l"};
  Routes routes({scoped, model_rule("", "/", 2)});
  EXPECT_TRUE(routes.all("a.example", "/b").empty());
  routes.remove({scoped.id});
  EXPECT_EQ(routes.all("a.example", "/b"), Ids{"/"}) << "it is open again when the rule is gone";
}

TEST(Choice, CandidatesOfSeveralScopesMerge) {
  std::vector<model::Rule> rules;
  for (std::uint64_t rank = 0; rank < 6; ++rank) {
    rules.push_back(model_rule("", "/", rank));
    rules.back().id = std::to_string(rank);
    if (rank % 3 != 0) rules.back().listeners = {"l"};
    if (rank % 3 == 2) rules.back().listeners = {"k", "l"};
  }
  EXPECT_EQ(Routes(rules).all("", "/"), (Ids{"0", "1", "2", "3", "4", "5"}));
}

TEST(Choice, MoreBeginningsThanThereIsRoomForAreAllAsked) {
  for (const bool reversed : {false, true}) {
    std::vector<model::Rule> rules;
    std::string path;
    Ids expected;
    for (std::uint64_t i = 0; i < 100; ++i) {
      path += "/a";
      for (std::uint64_t twice : {0U, 1U}) {
        rules.push_back(model_rule("", path, (reversed ? i : 100 - i) * 2 + twice));
        rules.back().id += std::to_string(twice);
      }
    }
    const Routes routes(rules);
    std::ranges::sort(rules, {}, [](const model::Rule& rule) { return rule.rank; });
    for (const model::Rule& rule : rules) expected.push_back(rule.id);
    EXPECT_EQ(routes.all("", path), expected);
  }
}

TEST(Choice, EachRuleSeesTheFormOfThePathThatItAsksFor) {
  model::Rule unmerged = model_rule("", "=/a//b", 2);
  unmerged.path_options.merge_slashes = false;
  model::Rule other = model_rule("", "=/a/b", 3);  // never: it asks for the other form
  other.id = "other";
  other.path_options.merge_slashes = false;
  const Routes routes({model_rule("", "=/a/b", 1), unmerged, other});
  const Asked asked("", "/a/b", "/a//b");
  Choice choice(*routes.snapshot, routes.listener(), asked.head, asked.client);
  Candidate one = choice.next();
  EXPECT_EQ(one.rule->model.id, "=/a/b");
  EXPECT_EQ(one.path, "/a/b");
  one = choice.next();
  EXPECT_EQ(one.rule->model.id, "=/a//b");
  EXPECT_EQ(one.path, "/a//b");
  EXPECT_EQ(choice.next().rule, nullptr);
}

TEST(Choice, WithoutRunsOfSlashesBothFormsAreTheSame) {
  model::Rule unmerged = model_rule("", "=/a/b", 1);
  unmerged.path_options.merge_slashes = false;
  EXPECT_EQ(Routes({unmerged}).all("", "/a/b"), Ids{"=/a/b"});
}

// The path of the request changes with the rule that serves it, and the next rule still sees what came.
TEST(Choice, GoesOnWithThePathAsItCame) {
  model::Rule unmerged = model_rule("", "/a", 1);
  unmerged.path_options.merge_slashes = false;
  const Routes routes({unmerged, model_rule("", "=/a/b", 2)});
  Asked asked("", "/a/b", "/a//b");
  Choice choice(*routes.snapshot, routes.listener(), asked.head, asked.client);
  asked.head.path = choice.next().path;
  EXPECT_EQ(asked.head.path, "/a//b");
  EXPECT_EQ(choice.next().path, "/a/b");
}

TEST(Choice, AnEncodedSlashIsRefusedUnlessTheRuleKeepsIt) {
  model::Rule keeps = model_rule("", "/k");
  keeps.path_options.keep_encoded_slash = true;
  const Routes routes({keeps, model_rule("", "/r")});
  EXPECT_EQ(routes.refused(Asked("", "/k/a%2Fb")), std::nullopt);
  EXPECT_EQ(routes.refused(Asked("", "/r/a")), std::nullopt);
  const Asked asked("", "/r/a%2Fb");
  Choice choice(*routes.snapshot, routes.listener(), asked.head, asked.client);
  const auto refusal = choice.refusal(choice.next());
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->code, Code::bad_path);
  EXPECT_STREQ(refusal->rule, "H1-20");
}

TEST(Choice, StepSaysWhyACandidateDoesNotFit) {
  model::Rule asks = model_rule("", "/", 3);
  asks.id = "asks";
  asks.predicates = {{model::MethodIs{{"GET"}}}, {model::MethodIs{{"POST"}}}};
  const Routes routes({model_rule("~b.*", "/", 1), model_rule("", "~/a\\d", 2), asks, closed("a.example", "/x", 9),
                       model_rule("a.example", "/a", 4), model_rule("a.example", "/c", 4)});
  const Asked asked("a.example", "/ab");
  const auto steps = [&](const Asked& of) {
    Choice choice(*routes.snapshot, routes.listener(), of.head, of.client);
    std::vector<std::pair<std::string, Verdict>> all;
    for (Candidate one = choice.step(); one.rule != nullptr; one = choice.step()) {
      all.emplace_back(one.rule->model.id, one.verdict);
      EXPECT_EQ(one.unmet != nullptr, one.verdict == Verdict::predicate);
      if (one.unmet != nullptr) {
        EXPECT_EQ(*one.unmet, asks.predicates[1]);
      }
    }
    return all;
  };
  using Steps = std::vector<std::pair<std::string, Verdict>>;
  EXPECT_EQ(steps(asked), (Steps{{"~b.*/", Verdict::closed}, {"~/a\\d", Verdict::closed}, {"asks", Verdict::closed}}));
  EXPECT_EQ(steps(Asked("c.example", "/ab")),
            (Steps{{"~b.*/", Verdict::host}, {"~/a\\d", Verdict::path}, {"asks", Verdict::predicate}}));
  EXPECT_EQ(steps(Asked("b", "/a1")),
            (Steps{{"~b.*/", Verdict::fits}, {"~/a\\d", Verdict::fits}, {"asks", Verdict::predicate}}));
}

// Whoever re-routes has changed the request, and the next candidate sees that.
TEST(Choice, PredicatesSeeTheRequestAsItIsNow) {
  model::Rule asks = model_rule("", "/", 2);
  asks.id = "asks";
  asks.predicates = {{model::HeaderIs{.name = "x-user", .value = {}}}};
  const Routes routes({model_rule("", "/", 1), asks});
  Asked asked("", "/");
  Choice choice(*routes.snapshot, routes.listener(), asked.head, asked.client);
  EXPECT_EQ(choice.next().rule->model.id, "/");
  ASSERT_TRUE(asked.head.fields.add("X-User", "me"));
  EXPECT_EQ(choice.next().rule->model.id, "asks");
}

TEST(Choice, AllocatesNothing) {
  std::vector<model::Rule> rules{model_rule("**.example", "/", 50), model_rule("", "i:/A", 51),
                                 model_rule("*.example", "~/a.*", 52), model_rule("", "*", 53)};
  rules.back().predicates = {
      {model::HeaderIs{.name = "x-a", .value = {.kind = model::TextMatch::Kind::exact, .value = "1, 2"}}},
      {model::QueryIs{.name = "a", .value = {.kind = model::TextMatch::Kind::exact, .value = " "}}}};
  std::string path;
  for (std::uint64_t i = 0; i < 12; ++i) rules.push_back(model_rule("a.example", path += "/a", 100 - i));
  const Routes routes(rules);
  Asked asked("a.example", path);
  ASSERT_TRUE(asked.head.fields.add("X-A", "1"));
  ASSERT_TRUE(asked.head.fields.add("X-A", "2"));
  asked.head.query = "b&a=%20";
  std::size_t found = 0;
  const auto ask_all = [&] {
    Choice choice(*routes.snapshot, routes.listener(), asked.head, asked.client);
    for (Candidate one = choice.next(); one.rule != nullptr; one = choice.next()) ++found;
  };
  ask_all();  // an expression builds its machine when it is first asked
  EXPECT_EQ(found, rules.size());
  const std::uint64_t before = allocations();
  ask_all();
  EXPECT_EQ(allocations(), before);
  ::operator delete(::operator new(1));
  EXPECT_EQ(allocations(), before + 1) << "the counter counts";
}

// A thousand beginnings of one path have rules, none of which fits: they are put into order once.
TEST(Choice, ManyBeginningsComeInOrder) {
  std::vector<model::Rule> rules;
  std::string path;
  for (std::uint64_t i = 0; i < 1'000; ++i) {
    rules.push_back(model_rule("a.example", path += "/a", i * 7'919 % 1'000));
    rules.back().predicates = {{model::MethodIs{{"POST"}}}};
  }
  const Routes routes(rules);
  const Asked asked("a.example", path);
  const std::uint64_t before = allocations();
  std::uint64_t next = 0;
  Choice choice(*routes.snapshot, routes.listener(), asked.head, asked.client);
  for (Candidate one = choice.step(); one.rule != nullptr; one = choice.step()) {
    ASSERT_EQ(one.rule->model.rank.words[0], next++);
    ASSERT_EQ(one.verdict, Verdict::predicate);
  }
  EXPECT_EQ(next, 1'000U);
  EXPECT_LE(allocations() - before, 8U) << "one growing list";
}

// Neither more parameters nor longer ones make the rules behind the first cost more.
TEST(Choice, AQueryIsReadOnceForAllRules) {
  std::vector<model::Rule> rules;
  for (std::uint64_t i = 0; i < 500; ++i) {
    rules.push_back(model_rule("a.example", "/", i));
    rules.back().id = std::to_string(i);
    rules.back().predicates = {{model::QueryIs{.name = "q" + std::to_string(i), .value = {}}}};
  }
  rules.push_back(model_rule("a.example", "/", 1'000));
  const Routes routes(rules);
  const auto steps = [&](std::size_t count, const std::string& one) {
    Asked asked("a.example", "/");
    std::string query;
    for (std::size_t i = 0; i < count; ++i) query += one;
    asked.head.query = query;
    Choice choice(*routes.snapshot, routes.listener(), asked.head, asked.client);
    const Candidate found = choice.next();
    EXPECT_EQ(found.rule->model.rank.words[0], 1'000U);
    return choice.query_steps();
  };
  EXPECT_EQ(steps(10, "%71=1&"), 10U);
  EXPECT_EQ(steps(7'500, "%71=1&"), Parameters::most);
  EXPECT_EQ(steps(2, std::string(15'000, 'q') + "&"), 2U);
  EXPECT_EQ(steps(0, ""), 0U);
}

// As long as lists are, they are read from chunk to chunk.
TEST(Choice, RulesOfOneHostAndPathComeInOrder) {
  std::vector<model::Rule> rules;
  for (std::uint64_t i = 0; i < 2'000; ++i) {
    rules.push_back(model_rule("a.example", i % 2 == 0 ? "=/a" : "/a", i * 7'919 % 2'000));
    rules.back().id = std::to_string(i);
  }
  const Routes routes(rules);
  EXPECT_EQ(routes.all("a.example", "/a").size(), 2'000U);
  const Asked asked("a.example", "/a/b");
  Choice choice(*routes.snapshot, routes.listener(), asked.head, asked.client);
  std::uint64_t next = 0;
  for (Candidate one = choice.next(); one.rule != nullptr; one = choice.next(), ++next) {
    ASSERT_EQ(one.rule->model.rank.words[0], 2 * next + 1);
  }
  EXPECT_EQ(next, 1'000U);
}

TEST(Choice, AHostOfManyLabelsFindsTheWildcardsAboveIt) {
  std::string host = "example";
  for (int i = 0; i < 125; ++i) host = "a." + host;
  const std::string nearest = "**." + host;
  const Routes routes({model_rule("**.example", "/"), model_rule("*." + host, "/", 1), model_rule(nearest, "/", 2),
                       model_rule("**.b.example", "/", 3)});
  EXPECT_EQ(routes.all("a." + host, "/"), (Ids{"**.example/", "*." + host + "/", nearest + "/"}));
  EXPECT_EQ(routes.all("c.d.b.example", "/"), (Ids{"**.example/", "**.b.example/"}));
  EXPECT_TRUE(routes.all("example", "/").empty());
}

}  // namespace
}  // namespace sallyport::routing
