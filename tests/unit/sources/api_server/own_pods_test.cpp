// SPDX-License-Identifier: Apache-2.0
#include "sources/api_server/own_pods.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/text.hpp"
#include "kube/json.hpp"

namespace sallyport::sources::api_server {
namespace {

using Texts = std::vector<std::string>;

std::string node_of(std::string_view pod) {
  const auto trees = kube::parse_json(pod);
  EXPECT_TRUE(trees) << pod;
  return trees ? serving_node(*trees->front().root()) : "";
}

std::string pod(std::string_view ready, std::string_view more_meta = "") {
  return text::cat(R"({"metadata":{"name":"gate")", more_meta, R"(},"spec":{"nodeName":"node-1"},)",
                   R"("status":{"phase":"Running","conditions":[{"type":"Initialized","status":"True"},)",
                   R"({"type":"Ready","status":")", ready, "\"}]}}");
}

Texts addresses(std::string_view list) {
  return parse_node_addresses(text::cat(R"({"status":{"addresses":[)", list, "]}}")).value_or(Texts{"unreadable"});
}

TEST(ServingNode, IsThatOfAPodThatIsReadyAndNotOnItsWayOut) {
  EXPECT_EQ(node_of(pod("True")), "node-1");
  EXPECT_EQ(node_of(pod("False")), "");
  EXPECT_EQ(node_of(pod("True", R"(,"deletionTimestamp":"2026-01-01T00:00:00Z")")), "");
}

TEST(ServingNode, IsNoneOfAPodThatSaysTooLittleOrNonsense) {
  for (const char* text :
       {"{}", "[]", R"({"spec":{"nodeName":"node-1"}})", R"({"status":{"conditions":[5,{"type":"Ready"}]}})",
        R"({"spec":5,"status":{"conditions":[{"type":"Ready","status":"True"}]}})",
        R"({"spec":{"nodeName":7},"status":{"conditions":[{"type":"Ready","status":"True"}]}})"}) {
    EXPECT_EQ(node_of(text), "") << text;
  }
}

TEST(SelectorOfPeers, HasTheLabelsThatAllPodsOfAWorkloadHave) {
  EXPECT_EQ(parse_selector_of_peers(
                R"({"metadata":{"labels":{"team":"edge","app.kubernetes.io/name":"sallyport","empty":"",
                "app.kubernetes.io/version":"0.1.0","pod-template-hash":"7f9c","controller-revision-hash":"1",
                "pod-template-generation":"2","statefulset.kubernetes.io/pod-name":"gate-0",
                "apps.kubernetes.io/pod-index":"0","helm.sh/chart":"sallyport-0.1.0",
                "topology.kubernetes.io/zone":"zone-1","topology.kubernetes.io/region":"here","k8s.io/x":"1",
                "kubernetes.io/os":"linux","mykubernetes.io/x":"ours","kubernetes.io.test/x":"ours"}}})"),
            "app.kubernetes.io/name=sallyport,empty=,kubernetes.io.test/x=ours,mykubernetes.io/x=ours,team=edge");
}

TEST(SelectorOfPeers, SelectsNobodyWhereThereAreNone) {
  for (const char* text : {"{}", R"({"metadata":{"labels":{"pod-template-hash":"7f9c"}}})",
                           R"({"metadata":{"labels":["app"]}})", R"({"metadata":{"labels":null}})"}) {
    const auto selector = parse_selector_of_peers(text);
    ASSERT_FALSE(selector) << text;
    EXPECT_EQ(selector.error(), "has no label that others like it would have too");
  }
  EXPECT_TRUE(parse_selector_of_peers("{").error().starts_with("cannot be read: "));
}

TEST(NodeAddresses, AreTheExternalOnesElseTheInternalOnes) {
  const std::string internal = R"({"type":"InternalIP","address":"10.0.0.7"},{"type":"Hostname","address":"node-1"})";
  EXPECT_EQ(addresses(internal), Texts({"10.0.0.7"}));
  EXPECT_EQ(addresses(internal + R"(,{"type":"ExternalIP","address":"192.0.2.7"})"), Texts({"192.0.2.7"}));
}

TEST(NodeAddresses, AreTheFirstOfEachFamily) {
  EXPECT_EQ(addresses(R"({"type":"InternalIP","address":"10.0.0.7"},{"type":"InternalIP","address":"10.1.0.7"},)"
                      R"({"type":"InternalIP","address":"fd00::7"},{"type":"InternalIP","address":"fd01::7"})"),
            Texts({"10.0.0.7", "fd00::7"}));
}

TEST(NodeAddresses, AreNoneWhereThereAreNone) {
  EXPECT_EQ(addresses(""), Texts());
  EXPECT_EQ(addresses(R"(5,{"type":"ExternalIP"},{"type":"InternalIP","address":"name.test"})"), Texts());
  EXPECT_EQ(parse_node_addresses("{}").value(), Texts());
  EXPECT_TRUE(parse_node_addresses("no JSON").error().starts_with("cannot be read: "));
}

}  // namespace
}  // namespace sallyport::sources::api_server
