// SPDX-License-Identifier: Apache-2.0
// What golden cases cannot show well: what is a fault of the whole object, and the caps.

#include "dialects/gate_route/gate_routes.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "dialects/all.hpp"
#include "kube/decode.hpp"
#include "kube/reader.hpp"

namespace sallyport::dialects::gate_route {
namespace {

kube::ObjectPtr route(std::string_view spec) {
  const auto contents = kube::read_objects(
      "route.yaml", text::cat("apiVersion: sallyport.dev/v1alpha1\nkind: GateRoute\nmetadata: {name: shop}\n", spec));
  EXPECT_EQ(contents.objects.size(), 1U) << spec;
  return contents.objects.at(0);
}

std::vector<Finding> faults(std::string_view spec) { return GateRoutes({}).faults(*route(spec)); }

std::string repeated(std::string_view what, std::size_t times) {
  std::string all;
  for (std::size_t at = 0; at < times; ++at) all += what;
  return all;
}

TEST(GateRouteFaults, AreWhatHoldsForAllOfTheObject) {
  for (const auto& [spec, field] : {
           std::pair("spec: 5", "spec"),
           std::pair("status: {}", "spec"),
           std::pair("spec: {hosts: a, rules: []}", "spec.hosts"),
           std::pair("spec: {hostRegexes: a, rules: []}", "spec.hostRegexes"),
           std::pair("spec: {priority: a, rules: []}", "spec.priority"),
           std::pair("spec: {rules: a}", "spec.rules"),
           std::pair("spec: {host: a, rules: []}", "spec.host"),
       }) {
    const auto found = faults(spec);
    ASSERT_EQ(found.size(), 1U) << spec;
    EXPECT_EQ(found[0].verdict, Verdict::rejected) << spec;
    EXPECT_EQ(found[0].origin.field, field);
    EXPECT_EQ(found[0].origin.line, spec == std::string_view("status: {}") ? 1U : 4U);
  }
}

TEST(GateRouteFaults, AreNotWhatOneHostOrOneRuleSays) {
  for (const char* spec : {
           "spec: {hosts: [5, A], rules: []}",
           "spec: {hostRegexes: ['('], rules: []}",
           "spec: {rules: [5]}",
           "spec: {rules: [{backends: 5}]}",
           "spec: {rules: [{wehn: [], backends: []}]}",
           "spec: {rules: []}\nextra: 1",
           "spec: {rules: []}\nstatus: 5",
       }) {
    EXPECT_TRUE(faults(spec).empty()) << spec;
  }
}

TEST(GateRouteFaults, HostsTimesRulesHaveACap) {
  const auto of = [](std::size_t hosts, std::size_t regexes, std::size_t rules) {
    return faults(text::cat("spec: {hosts: [", repeated("a, ", hosts), "], hostRegexes: [", repeated("a, ", regexes),
                            "], rules: [", repeated("{backends: []}, ", rules), "]}"));
  };
  EXPECT_TRUE(of(100, 100, 100).empty());
  EXPECT_TRUE(of(0, 0, max_claims).empty());
  for (const auto& found : {of(0, 0, max_claims + 1), of(100, 100, 101), of(max_claims + 1, 0, 1)}) {
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].reason, "TooLarge");
    EXPECT_EQ(found[0].origin.field, "spec");
  }
}

// An unknown field that is no longer named might have been in any rule.
TEST(GateRouteFaults, AreMoreMistakesThanCanBeNamed) {
  const auto of = [](std::size_t mistakes) {
    return faults(text::cat("spec: {rules: [", repeated("{wehn: [], backends: []}, ", mistakes), "]}"));
  };
  EXPECT_TRUE(of(kube::max_complaints - 2).empty());
  for (const std::size_t many : {kube::max_complaints - 1, kube::max_complaints + 50}) {
    ASSERT_EQ(of(many).size(), 1U) << many;
    EXPECT_EQ(of(many)[0].reason, "TooManyMistakes");
  }
}

// Knows no object.
class Nothing final : public Lookup {
  Found find(const ObjectRef&, const Projection&) const override { return {}; }
  std::vector<std::pair<ObjectRef, std::shared_ptr<const void>>> find_all(const Index&, const ObjectRef&,
                                                                          const Projection&) const override {
    return {};
  }
  GroupVerdict judged(const GroupKey&) const override { return {}; }
};

TEST(GateRoutes, HaveNoRoomForManyHostsTimesLongTexts) {
  const auto of = [](std::size_t hosts) {
    std::string names;
    for (std::size_t at = 0; at < hosts; ++at) names += text::cat("h", at, ".example.com, ");
    const std::string long_rule = text::cat("{backends: [{service: a, port: 80}], requestHeaders: {add: [",
                                            repeated("{name: x, value: *long}, ", 64), "]}}, ");
    return GateRoutes({}).translate(
        *route(text::cat(
            "spec: {hosts: [", names,
            "], rules: [{name: first, path: {type: Exact, value: /first}, when: ", "[{query: {name: q, exact: &long ",
            repeated("v", 4096), "}}], backends: ", "[{service: a, port: 80}]}, ", long_rule, "]}")),
        Nothing());
  };
  const auto is_too_large = [](const Finding& finding) { return finding.reason == "TooLarge"; };
  const Translation small = of(240);
  EXPECT_TRUE(std::ranges::none_of(small.findings, is_too_large));
  EXPECT_EQ(small.claims.size(), 2U * 240);
  const Translation large = of(260);
  ASSERT_EQ(std::ranges::count_if(large.findings, is_too_large), 1);
  EXPECT_EQ(std::ranges::find_if(large.findings, is_too_large)->origin.field, "spec.rules[1]");
  EXPECT_EQ(large.claims.size(), 260U) << "the rule before it is served";
}

TEST(GateRoutes, AreAmongTheDialects) {
  const Dialects dialects = all({});
  EXPECT_TRUE(std::ranges::any_of(dialects, [](const auto& dialect) {
    return std::ranges::any_of(dialect->roots(), [](const RootKind& root) {
      return root.group == "sallyport.dev" && root.kind == "GateRoute";
    });
  }));
}

}  // namespace
}  // namespace sallyport::dialects::gate_route
