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
#include "dialects/gate_route/headers.hpp"
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

Translation translated(std::string_view spec) { return GateRoutes({}).translate(*route(spec), Nothing()); }

std::ptrdiff_t count(const Translation& translation, std::string_view reason) {
  return std::ranges::count(translation.findings, reason, &Finding::reason);
}

// Each rule is wide by another thing that a file can make many or long; each has a narrow one before it.
TEST(GateRoutes, HaveNoRoomForManyHostsTimesWideRules) {
  const std::string plain = "backends: [{service: a, port: 80}]";
  const std::string headers = repeated("{name: x, value: v}, ", 63);
  for (const std::string& wide : {
           text::cat("when: [{query: {name: q, exact: ", repeated("v", 20'000), "}}], ", plain),
           text::cat("when: [{header: {name: a, regex: ", repeated("v", 50), "}}, {header: {name: b, regex: ",
                     repeated("v", 50), "}}, {query: {name: c, exact: ", repeated("v", 19'000), "}}], ", plain),
           text::cat("requestHeaders: {add: [", headers, "], set: [], remove: [", repeated("a, ", 64),
                     "]}, responseHeaders: {add: [", headers, "{name: y, value: ", repeated("v", 4'000),
                     "}]}, when: [{query: {name: q, exact: ", repeated("v", 20'000), "}}], ", plain),
       }) {
    const auto of = [&](std::size_t hosts) {
      std::string names;
      for (std::size_t at = 0; at < hosts; ++at) names += text::cat("h", at, ", ");
      return translated(text::cat("spec: {hosts: [", names, "], rules: [{path: {type: Exact, value: /first}, ", plain,
                                  "}, {", wide, "}]}"));
    };
    const Translation small = of(150);
    EXPECT_EQ(count(small, "TooLarge"), 0) << wide.substr(0, 80);
    EXPECT_EQ(small.claims.size(), 2U * 150) << wide.substr(0, 80);
    const Translation large = of(1'000);
    ASSERT_EQ(count(large, "TooLarge"), 1) << wide.substr(0, 80);
    EXPECT_EQ(std::ranges::find(large.findings, "TooLarge", &Finding::reason)->origin.field, "spec.rules[1]");
    EXPECT_EQ(large.claims.size(), 1'000U) << "the rule before it is served";
  }
}

TEST(GateRoutes, LeaveOutARuleWithAnEmptyElementThatNoComplaintNames) {
  const std::string mistakes = repeated("{wehn: [], backends: []}, ", kube::max_complaints + 10);
  for (const std::string_view last : {
           "{backends: [5, {service: web, port: 80}]}",
           "{when: [5], backends: [{service: web, port: 80}]}",
           "{when: [{any: [{method: [GET]}, 5]}], backends: [{service: web, port: 80}]}",
           "{requestHeaders: {set: [5]}, backends: [{service: web, port: 80}]}",
           "{requestHeaders: {remove: [[]]}, backends: [{service: web, port: 80}]}",
           "{backends: [{service: web, port: 80, weight: x}]}",
       }) {
    EXPECT_TRUE(translated(text::cat("spec: {rules: [", mistakes, last, "]}")).claims.empty()) << last;
  }
}

TEST(GateRoutes, ClaimOfRulesForTheSameRequestsOnlyTheFirst) {
  const Translation translation = translated(
      text::cat("spec: {hosts: [a, b], rules: [", repeated("{backends: [{service: a, port: 80}]}, ", 1'000), "]}"));
  EXPECT_EQ(translation.claims.size(), 2U);
  EXPECT_EQ(count(translation, "Shadowed"), 999);
  const auto finding = std::ranges::find(translation.findings, "Shadowed", &Finding::reason);
  EXPECT_EQ(finding->origin.field, "spec.rules[1]");
  EXPECT_EQ(finding->by->origin.field, "spec.rules[0]");
  EXPECT_EQ(sentence(*finding),
            "shadowed by spec.rules[0] of the same GateRoute (route.yaml:4), which has the first place in its object");
}

TEST(GateRoutes, RefuseHeaderChangesThatAreLargeTogether) {
  const auto of = [](std::size_t last) {
    return translated(text::cat("spec: {rules: [{requestHeaders: {set: [{name: a, value: &long ", repeated("v", 4'096),
                                "}, {name: b, value: *long}], add: [{name: c, value: *long}, {name: d, value: ",
                                repeated("v", last), "}]}, backends: [{service: a, port: 80}]}]}"));
  };
  const std::size_t rest = max_header_bytes - 3 * 4'096 - 4;
  EXPECT_EQ(of(rest).claims.size(), 1U);
  const Translation refused = of(rest + 1);
  EXPECT_TRUE(refused.claims.empty());
  ASSERT_EQ(count(refused, "InvalidHeader"), 1);
  EXPECT_EQ(std::ranges::find(refused.findings, "InvalidHeader", &Finding::reason)->origin.field,
            "spec.rules[0].requestHeaders");
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
