// SPDX-License-Identifier: Apache-2.0
#include "sources/api_server/discovery.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/loop_test.hpp"
#include "support/scripted_api.hpp"

namespace sallyport::sources::api_server {
namespace {

using support::reply;
using support::ReplyPtr;
using Texts = std::vector<std::string>;

const kube::Kind* const service = kube::find_kind("", "Service");
const kube::Kind* const ingress = kube::find_kind("networking.k8s.io", "Ingress");
const kube::Kind* const gate_route = kube::find_kind("sallyport.dev", "GateRoute");
const std::vector<const kube::Kind*> kinds = {service, ingress, gate_route};

constexpr const char* networking =
    R"({"metadata":{"name":"networking.k8s.io"},"versions":[{"version":"v1","resources":[)"
    R"({"resource":"ingresses","responseKind":{"kind":"Ingress"},"verbs":["list","watch"]}],"freshness":"Current"}]})";

std::string aggregated(std::string_view more) {
  return R"({"kind":"APIGroupDiscoveryList","apiVersion":"apidiscovery.k8s.io/v2","items":[)" +
         std::string(networking) + std::string(more) + "]}";
}

TEST(ReadAggregated, TellsWhichKindsAreServed) {
  const auto read = read_aggregated(aggregated(""), kinds);
  ASSERT_TRUE(read);
  EXPECT_TRUE(read->at(service).is_served) << "the core group is everywhere";
  EXPECT_TRUE(read->at(ingress).is_served);
  EXPECT_FALSE(read->at(gate_route).is_served);
}

TEST(ReadAggregated, TellsInWhichOtherVersions) {
  const auto read = read_aggregated(
      aggregated(R"(,{"metadata":{"name":"sallyport.dev"},"versions":[)"
                 R"({"version":"v1","resources":[{"resource":"gateroutes"}]},{"version":"v1alpha1","resources":[]}]})"),
      kinds);
  ASSERT_TRUE(read);
  EXPECT_FALSE(read->at(gate_route).is_served);
  EXPECT_EQ(read->at(gate_route).other_versions, Texts({"v1"}));
}

TEST(ReadAggregated, WhatIsStaleMayBeThere) {
  const auto read = read_aggregated(aggregated(R"(,{"metadata":{"name":"sallyport.dev"},"versions":[)"
                                               R"({"version":"v1alpha1","resources":[],"freshness":"Stale"}]})"),
                                    kinds);
  ASSERT_TRUE(read);
  EXPECT_TRUE(read->at(gate_route).is_served);
  EXPECT_FALSE(read->at(gate_route).is_certain);
  EXPECT_TRUE(read->at(ingress).is_certain);
}

TEST(ReadAggregated, GroupsAloneAreNoSuchDocument) {
  EXPECT_FALSE(read_aggregated(R"({"kind":"APIGroupList","groups":[]})", kinds));
  EXPECT_FALSE(read_aggregated("<html>", kinds));
  EXPECT_FALSE(read_aggregated("", kinds));
}

TEST(ReadResources, TellsWhetherTheKindIsAmongThem) {
  const std::string list =
      R"({"kind":"APIResourceList","resources":[{"name":"ingresses"},{"name":"ingresses/status"}]})";
  EXPECT_EQ(read_resources(list, *ingress), true);
  EXPECT_EQ(read_resources(list, *gate_route), false);
  EXPECT_FALSE(read_resources("{}", *ingress));
}

class Discovery : public support::LoopTest {
 protected:
  Presences ask(support::ScriptedApi::Script script) {
    support::ScriptedApi api(loop_, std::move(script));
    net::Task<Presences> asking = discover(api, kinds);
    asking.start();
    EXPECT_TRUE(run_until([&] { return asking.done(); }));
    asked_ = api.asked();
    return asking.take();
  }

  Texts asked_;
};

TEST_F(Discovery, IsOneQuestionWhereTheServerAggregates) {
  const Presences presences = ask([](const Ask& ask) {
    EXPECT_EQ(ask.accept, "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList");
    return reply(200, aggregated(""));
  });
  EXPECT_EQ(asked_, Texts({"/apis"}));
  EXPECT_FALSE(presences.at(gate_route).is_served);
}

TEST_F(Discovery, IsOneForEachGroupAndVersionElsewhere) {
  const Presences presences = ask([](const Ask& ask) -> ReplyPtr {
    if (ask.target == "/apis") return reply(200, R"({"kind":"APIGroupList","groups":[]})");
    if (ask.target == "/apis/networking.k8s.io/v1") {
      return reply(200, R"({"kind":"APIResourceList","resources":[{"name":"ingresses"}]})");
    }
    return reply(404, "404 page not found");
  });
  EXPECT_EQ(asked_, Texts({"/apis", "/apis/networking.k8s.io/v1", "/apis/sallyport.dev/v1alpha1"}));
  EXPECT_TRUE(presences.at(ingress).is_served);
  EXPECT_FALSE(presences.at(gate_route).is_served);
}

TEST_F(Discovery, WhatCannotBeFoundOutCountsAsServed) {
  const Presences forbidden = ask([](const Ask&) { return reply(403, ""); });
  EXPECT_TRUE(forbidden.at(gate_route).is_served && !forbidden.at(gate_route).is_certain);
  const Presences unanswered = ask([](const Ask&) { return nullptr; });
  EXPECT_TRUE(unanswered.at(gate_route).is_served);
  EXPECT_EQ(asked_.size(), 1U) << "nobody is there to be asked more";
}

}  // namespace
}  // namespace sallyport::sources::api_server
