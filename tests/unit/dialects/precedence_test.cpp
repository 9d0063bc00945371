// SPDX-License-Identifier: Apache-2.0
#include "dialects/precedence.hpp"

#include <gtest/gtest.h>

#include <string>

namespace sallyport::dialects {
namespace {

using Host = model::HostPattern;
using Path = model::PathMatch;

const Host exact{Host::Kind::exact, "a.example.com"};
const Host wide{Host::Kind::one_label, "com"};
const Host narrow{Host::Kind::one_label, "example.com"};
const Host any{};

Path prefix(std::string value) { return {Path::Kind::element_prefix, std::move(value)}; }
Path path(std::string value) { return {Path::Kind::exact, std::move(value)}; }

kube::Object object(std::string name, std::optional<std::int64_t> created = {}) {
  kube::Object made;
  made.ref = {"networking.k8s.io", "Ingress", "shop", std::move(name)};
  if (created) made.meta.creation_timestamp = kube::Timestamp{*created};
  return made;
}

Matching matching(const Host& host, const Path& of, std::vector<model::Predicate> predicates = {},
                  std::int32_t priority = 0) {
  return {.host = host, .path = of, .predicates = std::move(predicates), .priority = priority};
}

model::Predicate header(std::string name) { return {model::HeaderIs{.name = std::move(name), .value = {}}}; }

model::Rank rank(const Matching& of) { return standard_rank(of, object("web"), 0); }
model::Rank rank(const Host& host, const Path& of) { return rank(matching(host, of)); }

TEST(StandardRank, ExactHostBeforeWildcardBeforeNone) {
  EXPECT_LT(rank(exact, {}), rank(narrow, path("/long/path")));
  EXPECT_LT(rank(narrow, {}), rank(any, path("/long/path")));
}

TEST(StandardRank, LongerWildcardFirst) { EXPECT_LT(rank(narrow, {}), rank(wide, path("/long/path"))); }

TEST(StandardRank, ExactPathBeforeLongestPrefixBeforeAny) {
  EXPECT_LT(rank(exact, path("/a")), rank(exact, prefix("/a/b/c")));
  EXPECT_LT(rank(exact, prefix("/a/b")), rank(exact, prefix("/a")));
  EXPECT_LT(rank(exact, prefix("")), rank(exact, {}));
}

TEST(StandardRank, PredicatesComeAfterThePathAndPriorityBeforeAll) {
  EXPECT_LT(rank(matching(exact, prefix("/a"), {header("x-a")})), rank(exact, prefix("/a")));
  EXPECT_LT(rank(exact, prefix("/a/b")), rank(matching(exact, prefix("/a"), {header("x-a")})));
  EXPECT_LT(rank(matching(any, {}, {}, 1)), rank(exact, path("/a")));
  EXPECT_LT(rank(any, {}), rank(matching(exact, path("/a"), {}, -1)));
}

TEST(StandardRank, TiesGoToTheOldestThenNameThenKindThenIndex) {
  const auto of = [](const kube::Object& from, std::uint32_t index) {
    return standard_rank(matching(exact, {}), from, index);
  };
  EXPECT_LT(of(object("z", 10), 5), of(object("a", 20), 0));
  EXPECT_LT(of(object("z", 20), 5), of(object("a"), 0));
  EXPECT_LT(of(object("a"), 5), of(object("z"), 0));
  EXPECT_LT(of(object("a"), 0), of(object("a"), 1));
  kube::Object gate_route = object("a");
  gate_route.ref.kind = "GateRoute";
  EXPECT_LT(of(gate_route, 5), of(object("a"), 0));
  EXPECT_EQ(model::decided_by(of(gate_route, 5), of(object("a"), 0)), model::Decision::kind);
}

TEST(RuleGroup, IsSharedOnlyByRulesForTheVerySameRequests) {
  const Matching one = matching(exact, prefix("/a"));
  EXPECT_EQ(rule_group(1, one), rule_group(1, matching(exact, prefix("/a"))));
  EXPECT_EQ(rule_group(1, one), rule_group(1, matching(exact, prefix("/a"), {}, 7))) << "whatever their priority";
  EXPECT_NE(rule_group(1, one), rule_group(1, matching(exact, path("/a"))));
  EXPECT_NE(rule_group(1, one), rule_group(1, matching(exact, {Path::Kind::byte_prefix, "/a"})));
  EXPECT_NE(rule_group(1, one), rule_group(1, matching(exact, {Path::Kind::element_prefix, "/a", true})));
  EXPECT_NE(rule_group(1, one), rule_group(1, matching(exact, prefix("/a"), {header("x-a")})));
  EXPECT_NE(rule_group(1, one), rule_group(2, one));
  EXPECT_NE(rule_group(1, matching(narrow, {})), rule_group(1, matching({Host::Kind::exact, "example.com"}, {})));
  EXPECT_NE(rule_group(1, matching(narrow, {})), rule_group(1, matching({Host::Kind::any_labels, "example.com"}, {})));
}

// A regular expression may hold what our own words for a host or a path look like.
TEST(RuleGroupAndId, AreDifferentForRulesThatLookAlike) {
  const auto regex = [](std::string value, bool ignore_case = false) {
    return Path{Path::Kind::regex, std::move(value), ignore_case};
  };
  const auto host = [](std::string value) { return Host{Host::Kind::regex, std::move(value)}; };
  const ObjectRef web = object("web").ref;
  const auto expect_different = [&](const Matching& one, const Matching& other) {
    EXPECT_NE(rule_group(1, one), rule_group(1, other)) << rule_id(web, one);
    EXPECT_NE(rule_id(web, one), rule_id(web, other));
  };
  expect_different(matching(exact, regex("/a (any case)")), matching(exact, regex("/a", true)));
  expect_different(matching(host("x"), regex("/a any")), matching(host("x regex /a"), {}));
  expect_different(matching(host("x"), regex("/a\" any")), matching(host("x\" regex \"/a"), {}));
  expect_different(matching(host("x\\"), regex("/a")), matching(host("x\\\" regex \"/a"), {}));
  expect_different(matching(exact, regex("/a (header \"x-a\" is there)")),
                   matching(exact, regex("/a"), {header("x-a")}));
  expect_different(matching(host("*.a"), {}), matching({Host::Kind::one_label, "a"}, {}));
}

TEST(RuleId, DoesNotDependOnThePlaceInTheObject) {
  const ObjectRef web = object("web").ref;
  EXPECT_EQ(rule_id(web, matching(narrow, prefix("/a"))), "Ingress shop/web *.example.com prefix /a");
  EXPECT_EQ(rule_id(web, matching(narrow, prefix("/a"), {header("x-a")}, 3)),
            "Ingress shop/web *.example.com prefix /a (header \"x-a\" is there)");
}

}  // namespace
}  // namespace sallyport::dialects
