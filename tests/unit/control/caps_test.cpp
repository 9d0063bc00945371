// SPDX-License-Identifier: Apache-2.0
// A short file must not become much work or a large model. Through the whole engine, for a cap that only says no has
// kept nobody from anything.

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "control/engine.hpp"
#include "dialects/gate_route/gate_routes.hpp"
#include "kube/decode.hpp"
#include "unit/control/objects.hpp"

namespace sallyport::control {
namespace {

using dialects::gate_route::max_claims;
using dialects::gate_route::max_host_regexes;

const ObjectRef route_ref{.group = "sallyport.dev", .kind = "GateRoute", .namespace_ = "shop", .name = "x"};

std::string route(std::string_view spec) {
  return text::cat(
      "---\napiVersion: sallyport.dev/v1alpha1\nkind: GateRoute\nmetadata: {name: x, namespace: shop}\nspec: {", spec,
      "}\n");
}

constexpr std::string_view all_paths = "{backends: [{service: web, port: 80}]}, ";

std::string rule_of(std::string_view path) {
  return text::cat("{path: {type: Exact, value: ", path, "}, backends: [{service: web, port: 80}]}, ");
}

std::string hosts_and_rules(std::size_t hosts, std::size_t regexes, std::size_t rules) {
  std::string spec = "hosts: [";
  for (std::size_t at = 0; at < hosts; ++at) spec += text::cat("h", at, ", ");
  spec += "], hostRegexes: [";
  for (std::size_t at = 0; at < regexes; ++at) spec += text::cat("\"r", at, ".*\", ");
  spec += "], rules: [";
  for (std::size_t at = 0; at < rules; ++at) spec += rule_of(text::cat("/", at));
  return route(spec + "]");
}

std::ptrdiff_t count(const Engine& engine, std::string_view reason) {
  return std::ranges::count(engine.status(route_ref)->findings, reason, &dialects::Finding::reason);
}

TEST(Caps, HostsTimesRules) {
  Engine engine({});
  engine.apply(changed(hosts_and_rules(100, 100, max_claims / 200)));
  EXPECT_EQ(engine.rules_in_force(), max_claims);
  EXPECT_EQ(count(engine, "TooLarge"), 0);
  for (const std::string& text :
       {hosts_and_rules(0, 0, max_claims + 1), hosts_and_rules(100, 100, max_claims / 200 + 1),
        hosts_and_rules(max_claims + 1, 0, 1), hosts_and_rules(max_claims + 1, 0, 0)}) {
    Engine fresh({});
    fresh.apply(changed(text));
    EXPECT_EQ(count(fresh, "TooLarge"), 1);
    EXPECT_EQ(fresh.work(), (Work{.translate = 0, .resolve = 0, .compose = 1}));
    EXPECT_EQ(fresh.rules_in_force(), 0U);
    EXPECT_EQ(fresh.nodes(), 0U) << "nothing was claimed or read";
  }
}

TEST(Caps, ObjectThatGrowsTooLargeStaysAsItWas) {
  Engine engine({});
  engine.apply(changed(service() + slice("10.0.0.1") + hosts_and_rules(2, 0, 3)));
  const Work before = engine.work();
  const Outcome outcome = engine.apply(changed(hosts_and_rules(max_claims, 0, 2)));
  EXPECT_EQ(engine.work() - before, (Work{.translate = 1, .resolve = 0, .compose = 1})) << "of the good version";
  EXPECT_TRUE(outcome.delta.empty());
  EXPECT_EQ(count(engine, "TooLarge"), 1);
  EXPECT_TRUE(engine.status(route_ref)->last_good);
}

TEST(Caps, HostRegexes) {
  Engine engine({});
  engine.apply(changed(hosts_and_rules(0, max_host_regexes, 1)));
  EXPECT_EQ(engine.rules_in_force(), max_host_regexes);
  Engine fresh({});
  fresh.apply(changed(hosts_and_rules(0, max_host_regexes + 1, 1)));
  EXPECT_EQ(count(fresh, "TooLarge"), 1);
  EXPECT_EQ(fresh.work().translate, 0U);
}

// What cannot be read is empty; past the last mistake that is named nothing says so but the emptiness.
TEST(Caps, EmptyElementsPastTheMistakesThatAreNamed) {
  for (const std::string_view last :
       {"{backends: [5, {service: web}]}", "{when: [5], backends: [{service: web, port: 80}]}", "5",
        "{requestHeaders: {set: [5], add: [5], remove: [[]]}, backends: [{service: web, port: 80}]}"}) {
    std::string spec = "hosts: [a.example.com], rules: [";
    for (std::size_t at = 0; at < kube::max_complaints + 10; ++at) spec += "{wehn: [], backends: []}, ";
    Engine engine({});
    engine.apply(changed(service() + route(text::cat(spec, last, "]"))));
    EXPECT_EQ(count(engine, "TooManyMistakes"), 1) << last;
    EXPECT_EQ(engine.rules_in_force(), 0U) << last;
  }
}

TEST(Caps, EmptyElementsOfOtherKindsPastTheMistakesThatAreNamed) {
  std::string paths;
  std::string ports;
  std::string endpoints;
  for (std::size_t at = 0; at < kube::max_complaints + 10; ++at) {
    paths += "5, ";
    ports += "{port: wrong}, ";
    endpoints += "{addresses: [[]]}, ";
  }
  Engine engine({});
  engine.apply(changed(
      text::cat(ingress("a", text::cat("rules: [{host: a.example.com, http: {paths: [", paths, "]}}, 5], tls: [5]")),
                "---\napiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: shop}\nspec: {ports: [", ports,
                "]}\n---\napiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: {name: web-1, namespace: "
                "shop, labels: {kubernetes.io/service-name: web}}\naddressType: IPv4\nports: [",
                ports, "]\nendpoints: [", endpoints, "]\n---\napiVersion: v1\nkind: Endpoints\nmetadata: {name: web, ",
                "namespace: shop}\nsubsets: [{addresses: [", endpoints, "], ports: [", ports, "]}]\n")));
  EXPECT_EQ(engine.rules_in_force(), 0U);
  for (const auto& [ref, status] : engine.statuses()) {
    EXPECT_EQ(status->verdict, dialects::Verdict::rejected) << to_text(ref);
  }
}

// Each is compared with the first one, and none with all of the others.
TEST(Caps, RulesForTheSameRequestsAreClaimedOnce) {
  constexpr std::size_t many = max_claims;
  std::string same;
  for (std::size_t at = 0; at < many - 1; ++at) same += all_paths;
  Engine engine({});
  engine.apply(changed(service() + slice("10.0.0.1") + route(text::cat("rules: [", same, "]"))));
  EXPECT_EQ(engine.rules_in_force(), 1U);
  EXPECT_EQ(count(engine, "Shadowed"), static_cast<std::ptrdiff_t>(many - 2));

  const std::size_t nodes = engine.nodes();
  const Work before = engine.work();
  engine.apply(changed(route(text::cat("rules: [", rule_of("/new"), same, "]"))));
  EXPECT_EQ(engine.work() - before, (Work{.translate = 1, .resolve = 2, .compose = 1}));
  EXPECT_EQ(engine.nodes(), nodes + 1);
  EXPECT_EQ(engine.rules_in_force(), 2U);
  EXPECT_EQ(count(engine, "Shadowed"), static_cast<std::ptrdiff_t>(many - 2));
}

TEST(Caps, PathsForTheSameRequestsAreClaimedOnce) {
  constexpr std::size_t many = 5'000;
  const std::string path = "pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}, ";
  std::string same;
  for (std::size_t at = 0; at < many; ++at) same += "{path: /a, " + path;
  const auto of = [&](const std::string& paths) {
    return changed(ingress("a", text::cat("rules: [{host: a.example.com, http: {paths: [", paths, "]}}]")));
  };
  Engine engine({});
  engine.apply(changed(service() + slice("10.0.0.1")));
  engine.apply(of(same));
  EXPECT_EQ(engine.rules_in_force(), 1U);
  const Work before = engine.work();
  engine.apply(of("{path: /new, " + path + same));
  EXPECT_EQ(engine.work() - before, (Work{.translate = 1, .resolve = 2, .compose = 1}));
  const auto& findings = engine.status(ingress_ref("a"))->findings;
  ASSERT_EQ(findings.size(), many - 1);
  EXPECT_EQ(
      sentence(findings[0]),
      "shadowed by spec.rules[0].http.paths[1] of the same Ingress (test.yaml:5), which has the first place in its "
      "object");
}

}  // namespace
}  // namespace sallyport::control
