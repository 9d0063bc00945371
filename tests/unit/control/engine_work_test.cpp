// SPDX-License-Identifier: Apache-2.0
// One change costs one change: the calls are counted, with 100 routes and with 40,000, and are equal.

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "control/engine.hpp"
#include "unit/control/objects.hpp"
#include "unit/control/slots.hpp"

namespace sallyport::control {
namespace {

constexpr int paths_each = 10;

std::string name(std::string_view prefix, int number) { return text::cat(prefix, number); }

std::string own_class(std::string_view more_meta = "") {
  return text::cat("---\napiVersion: networking.k8s.io/v1\nkind: IngressClass\nmetadata: {name: sallyport", more_meta,
                   "}\nspec: {controller: sallyport.dev/controller}\n");
}

std::string service_with(const std::string& name, std::string_view ports, std::string_view more_meta = "") {
  return text::cat("---\napiVersion: v1\nkind: Service\nmetadata: {name: ", name, ", namespace: shop", more_meta,
                   "}\nspec: {ports: [", ports, "]}\n");
}

// Every two Ingresses use one Service, every four share one host, and all have one class.
std::string ingress_of(int number, int changed_path = -1, int more = 0) {
  std::string paths;
  for (int at = 0; at < paths_each + more; ++at) {
    paths += text::cat(at == 0 ? "" : ", ", "{path: /", number, at == changed_path ? "/changed" : "/path-", at,
                       ", pathType: Prefix, backend: {service: {name: s", number / 2, ", port: {number: 80}}}}");
  }
  return ingress(name("i", number), text::cat("ingressClassName: sallyport, rules: [{host: h", number / 4,
                                              ".example.com, http: {paths: [", paths, "]}}]"));
}

sources::Changes shop(int routes) {
  sources::Changes all = changed(own_class());
  const auto add = [&](const std::string& yaml) {
    for (kube::ObjectPtr& object : objects(yaml)) all.changed.push_back(std::move(object));
  };
  for (int number = 0; number < routes / paths_each; ++number) {
    if (number % 2 == 0) {
      const std::string service_name = name("s", number / 2);
      add(service(service_name));
      add(slice("10.0.0.1", service_name, service_name + "-1"));
    }
    add(ingress_of(number));
  }
  return all;
}

struct Cost {
  Work work;
  std::size_t sent = 0;      // rules in the delta, removed ones included
  std::size_t statuses = 0;  // that changed

  bool operator==(const Cost&) const = default;
};

void PrintTo(const Cost& cost, std::ostream* out) {
  *out << "translate " << cost.work.translate << ", resolve " << cost.work.resolve << ", compose " << cost.work.compose
       << ", rules sent " << cost.sent << ", statuses " << cost.statuses;
}

struct Shop {
  explicit Shop(int routes) : engine({}) { engine.apply(shop(routes)); }

  Cost cost(const sources::Changes& changes) {
    const Work before = engine.work();
    const Outcome outcome = engine.apply(changes);
    return {engine.work() - before, outcome.delta.rules.changed.size() + outcome.delta.rules.removed.size(),
            outcome.changed.size() + outcome.gone.size()};
  }

  Engine engine;
};

struct Edit {
  std::string_view what;
  sources::Changes changes;
  Cost cost;
};

std::vector<Edit> edits() {
  std::vector<Edit> all;
  const auto edit = [&](std::string_view what, sources::Changes changes, Cost cost) {
    all.push_back({what, std::move(changes), cost});
  };
  edit("the same again", changed(ingress_of(7)), {{0, 0, 0}, 0, 0});
  edit("one path is another", changed(ingress_of(7, 3)), {{1, 2, 1}, 2, 0});
  edit("and back", changed(ingress_of(7)), {{1, 2, 1}, 2, 0});
  edit("a path more", changed(ingress_of(7, -1, 1)), {{1, 1, 1}, 1, 1});
  edit("and gone", changed(ingress_of(7)), {{1, 1, 1}, 1, 1});
  edit("an endpoint is another", changed(slice("10.0.0.2", "s3", "s3-1")), {{2, 0, 1}, 0, 0});
  edit("the last endpoint of a Service goes", changed(slice("10.0.0.2", "none", "s3-1")), {{2, 0, 2}, 0, 1});
  edit("and returns", changed(slice("10.0.0.2", "s3", "s3-1")), {{2, 0, 2}, 0, 1});
  edit("a Service gets a port", changed(service_with("s3", "{port: 80, name: a}, {port: 81, name: b}")),
       {{3, 0, 1}, 0, 1});
  edit("a Service gets another port", changed(service_with("s3", "{port: 82}")), {{3, 20, 3}, 20, 3});
  edit("a Service gets its port back", changed(service_with("s3", "{port: 80}")), {{3, 20, 3}, 20, 2});
  edit("an annotation that nobody reads", changed(service_with("s3", "{port: 80}", ", annotations: {note: x}")),
       {{1, 0, 1}, 0, 0});
  edit("one at the class of all", changed(own_class(", annotations: {note: x}")), {{1, 0, 1}, 0, 0});
  edit("other lines", changed("\n\n" + ingress_of(7)), {{1, 10, 1}, 10, 1});
  edit("an Ingress is removed", removed(ingress_ref("i7")), {{0, 10, 0}, 10, 1});
  edit("an Ingress is added", changed(ingress_of(7)), {{1, 10, 1}, 10, 1});
  edit("one that shadows another's",
       changed(ingress("a", rules({rule("h1.example.com", "/7/path-3", "Prefix", "s3")}))), {{1, 1, 2}, 2, 2});
  edit("and goes", removed(ingress_ref("a")), {{0, 1, 1}, 2, 2});
  return all;
}

class Works : public testing::TestWithParam<int> {};

TEST_P(Works, AsMuchAsTheEditTouches) {
  Shop shop(GetParam());
  EXPECT_EQ(shop.engine.rules_in_force(), static_cast<std::size_t>(GetParam()));
  for (const Edit& edit : edits()) EXPECT_EQ(shop.cost(edit.changes), edit.cost) << edit.what;
}

INSTANTIATE_TEST_SUITE_P(Routes, Works, testing::Values(100, 40'000));

TEST(EngineWork, FirstApplyTranslatesEachObjectAndResolvesEachGroupOnce) {
  const Shop shop(1'000);
  const std::uint64_t all = 1 + 100 + 2 * 50;
  EXPECT_EQ(shop.engine.work(), (Work{.translate = all, .resolve = 1'000, .compose = all}));
}

TEST(EngineWork, ReadThatFoundNothingIsARead) {
  Engine engine({});
  engine.apply(changed(ingress("a", rules({rule("a.example.com", "/")}))));
  EXPECT_EQ(engine.status(ingress_ref("a"))->findings.at(0).reason, "ServiceNotFound");
  const Work before = engine.work();
  engine.apply(changed(service()));
  EXPECT_EQ((engine.work() - before).translate, 2U) << "the Service and the Ingress that asked for it";
  EXPECT_EQ(engine.status(ingress_ref("a"))->verdict, dialects::Verdict::accepted);
}

TEST(EngineWork, StatusThatIsToldBackIsNoNews) {
  const auto version = [](std::string_view number, std::string_view status, std::string_view class_name = "sallyport") {
    return changed(
        text::cat("apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: a, namespace: shop, "
                  "resourceVersion: '",
                  number, "', managedFields: [{manager: m-", number, "}]}\nspec: {ingressClassName: ", class_name,
                  "}\nstatus: ", status, "\n"));
  };
  Engine engine({});
  engine.apply(version("1", "{}"));
  const Work before = engine.work();
  const Outcome outcome = engine.apply(version("2", "{loadBalancer: {ingress: [{ip: 192.0.2.1}]}}"));
  EXPECT_EQ(engine.work() - before, Work());
  EXPECT_TRUE(outcome.changed.empty());
  EXPECT_TRUE(outcome.delta.empty());
  EXPECT_EQ(engine.newest(ingress_ref("a"))->meta.resource_version, "2");
  engine.apply(version("3", "{loadBalancer: {ingress: [{ip: 192.0.2.1}]}}", "another"));
  EXPECT_EQ((engine.work() - before).translate, 1U);
}

TEST(EngineWork, WhatIsNoLongerReadTouchesNobody) {
  Engine engine({});
  engine.apply(changed(service("web") + service("api") + ingress("a", rules({rule("a.example.com", "/")}))));
  engine.apply(changed(ingress("a", rules({rule("a.example.com", "/", "Prefix", "api")}))));
  const Work before = engine.work();
  engine.apply(changed(service_with("web", "{port: 81}")));
  EXPECT_EQ((engine.work() - before).translate, 1U) << "the Service alone";
}

TEST(EngineWork, IndexTellsWhoJoinsAndWhoLeaves) {
  Engine engine({});
  engine.apply(changed(service("web") + service("api") + slice("10.0.0.1", "web", "one")));
  const auto addresses = [&](const std::string& set) { return engine.parts().endpoint_sets.at(set)->endpoints.size(); };
  Work before = engine.work();
  engine.apply(changed(slice("10.0.0.2", "web", "two")));
  EXPECT_EQ((engine.work() - before).translate, 2U) << "the slice and its Service";
  EXPECT_EQ(addresses("shop/web:80"), 2U);

  before = engine.work();
  engine.apply(changed(slice("10.0.0.2", "api", "two")));
  EXPECT_EQ((engine.work() - before).translate, 3U) << "the slice and both Services";
  EXPECT_EQ(addresses("shop/web:80"), 1U);
  EXPECT_EQ(addresses("shop/api:80"), 1U);

  before = engine.work();
  engine.apply(removed({.group = "discovery.k8s.io", .kind = "EndpointSlice", .namespace_ = "shop", .name = "two"}));
  EXPECT_EQ((engine.work() - before).translate, 1U);
  EXPECT_EQ(addresses("shop/api:80"), 0U);
}

TEST(EngineWork, HubTellsAllItsReadersAndForgetsThoseThatLeave) {
  Engine engine({});
  std::string all = own_class();
  for (int number = 0; number < 9; ++number) {
    all += ingress(name("i", number),
                   "ingressClassName: sallyport, " + rules({rule(name("h", number) + ".example.com", "/")}));
  }
  engine.apply(changed(all));
  for (const int number : {0, 8, 4}) engine.apply(removed(ingress_ref(name("i", number))));
  engine.apply(changed(ingress("i5", "ingressClassName: other")));
  const Work before = engine.work();
  const Outcome outcome =
      engine.apply(changed("---\napiVersion: networking.k8s.io/v1\nkind: IngressClass\nmetadata: {name: sallyport}\n"
                           "spec: {controller: example.com/other}\n"));
  EXPECT_EQ((engine.work() - before).translate, 1U + 5U);
  EXPECT_EQ(outcome.delta.rules.removed.size(), 5U);
  EXPECT_EQ(engine.rules_in_force(), 0U);
}

TEST(EngineWork, VerdictOfALowerLevelIsARead) {
  Engine engine({}, with_slots({}));
  const auto host = [&] {
    for (const auto& [id, rule] : engine.parts().rules) {
      if (id.starts_with("ConfigMap shop/reader")) return rule->host.name;
    }
    return std::string("none");
  };
  engine.apply(changed(config_map("reader", "watch: x")));
  EXPECT_EQ(host(), "nobody.of.0");

  Work before = engine.work();
  engine.apply(changed(config_map("b", "slot: x")));
  // It is a root of two dialects, for it may hold authorities.
  EXPECT_EQ((engine.work() - before).translate, 2U + 1U);
  EXPECT_EQ(host(), "b.of.1");
  engine.apply(changed(config_map("a", "slot: x")));
  EXPECT_EQ(host(), "a.of.2");

  before = engine.work();
  engine.apply(changed(config_map("c", "slot: y")));
  engine.apply(changed("\n\n" + config_map("b", "slot: x")));
  EXPECT_EQ((engine.work() - before).translate, 2U * 2U) << "another slot, another line: the verdict is the same";

  engine.apply(removed(config_map_ref("a")));
  EXPECT_EQ(host(), "b.of.1");
  engine.apply(removed(config_map_ref("b")));
  EXPECT_EQ(host(), "nobody.of.0");
}

TEST(EngineWork, TranslationThatReadsItsOwnLevelEnds) {
  Engine engine({}, with_slots({}));
  Work before = engine.work();
  engine.apply(changed(config_map("liar", "echo: x")));
  EXPECT_LE((engine.work() - before).translate, 10U);
  before = engine.work();
  engine.apply({});
  EXPECT_LE((engine.work() - before).translate, 10U);
  engine.apply(removed(config_map_ref("liar")));
  EXPECT_EQ(engine.nodes(), 0U);
  EXPECT_EQ(engine.rules_in_force(), 0U);
}

TEST(EngineWork, AnotherPortOfAnExternalNameIsNobodysBusinessButItsServices) {
  const auto external = [](int port) {
    return text::cat("---\napiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: shop}\nspec: {type: ",
                     "ExternalName, externalName: api.example.com, ports: [{port: 80, targetPort: ", port, "}]}\n");
  };
  Settings settings;
  settings.external_names = true;
  Engine engine(settings);
  engine.apply(changed(external(8080) + ingress("a", rules({rule("a.example.com", "/")}))));
  const Work before = engine.work();
  const Outcome outcome = engine.apply(changed(external(8081)));
  EXPECT_EQ(outcome.delta.endpoint_sets.changed.size(), 1U);
  EXPECT_EQ((engine.work() - before).translate, 1U);
}

}  // namespace
}  // namespace sallyport::control
