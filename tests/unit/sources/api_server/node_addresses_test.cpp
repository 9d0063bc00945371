// SPDX-License-Identifier: Apache-2.0
#include "sources/api_server/node_addresses.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "support/loop_test.hpp"
#include "support/scripted_cluster.hpp"
#include "texts.hpp"

namespace sallyport::sources::api_server {
namespace {

using support::reply;
using Addresses = NodeAddresses::Addresses;

constexpr const char* labels = R"(,"labels":{"app":"gate","pod-template-hash":"7f9c"})";

class NodeAddressesTest : public support::LoopTest {
 protected:
  NodeAddressesTest() {
    put_node("node-1", "10.0.0.1");
    put_node("node-2", "10.0.0.2");
    put_pod("one", "node-1");
  }

  void put_node(const std::string& name, std::string_view address) {
    cluster_.put("nodes", "", name,
                 text::cat(R"(,"status":{"addresses":[{"type":"InternalIP","address":")", address, "\"}]}"));
  }
  void put_pod(const std::string& name, std::string_view node, std::string_view ready = "True") {
    cluster_.put("pods", "gate", name,
                 text::cat(R"(,"spec":{"nodeName":")", node, R"("},"status":{"conditions":[{"type":"Ready","status":")",
                           ready, "\"}]}"),
                 labels);
  }
  // From here on there is, or is none.
  void refuse(const std::string& beginning, unsigned code) {
    cluster_.refusals[beginning] = reply(code, status(code, "No", "no such thing for you"));
  }
  void lead() { nodes_.lead(true); }
  bool become(const Addresses& addresses) {
    return run_until([&] { return told_ == addresses; });
  }
  // Two looks and more have been since.
  void look_again() { run_past(loop_.now() + net::Duration(20)); }
  bool was_said(std::string_view part) const {
    return std::ranges::any_of(lines_, [&](const std::string& line) { return line.contains(part); });
  }

  static NodeAddresses::Times times() {
    return {.settle = net::Duration(2), .reread = net::Duration(600'000), .pace = fast_pace()};
  }

  support::ScriptedCluster cluster_;
  support::ScriptedApi api_{loop_, [this](const Ask& ask) { return cluster_.answer(ask); }};
  std::optional<Addresses> told_;
  int changes_ = 0;
  std::vector<std::string> lines_;
  NodeAddresses nodes_{loop_,
                       api_,
                       {.namespace_ = "gate", .name = "one"},
                       [this](std::optional<Addresses> addresses) {
                         told_ = std::move(addresses);
                         ++changes_;
                       },
                       [this](const std::string& line, bool) { lines_.push_back(line); },
                       times()};
};

TEST_F(NodeAddressesTest, AreThoseOfTheNodesOnWhichPodsOfOursAreReady) {
  put_pod("two", "node-2");
  put_pod("third", "node-2", "False");
  lead();
  ASSERT_TRUE(become({"10.0.0.1", "10.0.0.2"}));
  EXPECT_EQ(api_.asked().at(0), "/api/v1/namespaces/gate/pods/one");
  EXPECT_TRUE(api_.asked().at(1).starts_with("/api/v1/namespaces/gate/pods?"));
  EXPECT_TRUE(api_.asked().at(1).contains("labelSelector=app%3dgate")) << api_.asked().at(1);
  EXPECT_EQ(lines_, std::vector<std::string>({"addresses of Ingresses: 10.0.0.1, 10.0.0.2, where our pods are ready"}));
}

TEST_F(NodeAddressesTest, FollowThePods) {
  lead();
  ASSERT_TRUE(become({"10.0.0.1"}));
  put_pod("two", "node-2");
  ASSERT_TRUE(become({"10.0.0.1", "10.0.0.2"}));
  put_pod("one", "node-1", "False");
  ASSERT_TRUE(become({"10.0.0.2"}));
  put_pod("one", "node-1");
  ASSERT_TRUE(become({"10.0.0.1", "10.0.0.2"}));
  cluster_.remove("pods", "gate", "two");
  ASSERT_TRUE(become({"10.0.0.1"}));
}

TEST_F(NodeAddressesTest, NothingIsAskedForByWhoDoesNotLead) {
  look_again();
  EXPECT_TRUE(api_.asked().empty());
  lead();
  ASSERT_TRUE(become({"10.0.0.1"}));
  nodes_.lead(false);
  EXPECT_EQ(told_, std::nullopt) << "whoever leads next may find others";
  EXPECT_EQ(cluster_.watches(), 0U);
  const std::size_t asked = api_.asked().size();
  put_pod("two", "node-2");
  look_again();
  EXPECT_EQ(api_.asked().size(), asked);
  lead();
  ASSERT_TRUE(become({"10.0.0.1", "10.0.0.2"}));
}

TEST_F(NodeAddressesTest, ThatNoPodIsReadyLeavesThemAsTheyAre) {
  lead();
  ASSERT_TRUE(become({"10.0.0.1"}));
  put_pod("one", "node-1", "False");
  ASSERT_TRUE(run_until([&] { return was_said("no pod of namespace gate with the labels app=gate is ready"); }));
  EXPECT_EQ(told_, Addresses{"10.0.0.1"});
  EXPECT_EQ(changes_, 1);
}

TEST_F(NodeAddressesTest, ANodeThatCannotBeReadLeavesThemAsTheyAre) {
  lead();
  ASSERT_TRUE(become({"10.0.0.1"}));
  refuse("/api/v1/nodes/node-2", 503);
  put_pod("two", "node-2");
  look_again();
  EXPECT_EQ(told_, Addresses{"10.0.0.1"});
  cluster_.refusals.clear();
  ASSERT_TRUE(become({"10.0.0.1", "10.0.0.2"}));
}

TEST_F(NodeAddressesTest, ANodeThatIsGoneHasNone) {
  put_pod("two", "node-3");
  lead();
  ASSERT_TRUE(become({"10.0.0.1"}));
}

TEST_F(NodeAddressesTest, WhileTheApiServerIsAwayTheyStay) {
  lead();
  ASSERT_TRUE(become({"10.0.0.1"}));
  cluster_.is_there = false;
  cluster_.end_watches();
  look_again();
  EXPECT_EQ(told_, Addresses{"10.0.0.1"});
  put_pod("two", "node-2");
  cluster_.is_there = true;
  ASSERT_TRUE(become({"10.0.0.1", "10.0.0.2"}));
}

TEST_F(NodeAddressesTest, WhatIsForbiddenIsSaidOnceAndTriedAgain) {
  for (const std::string place :
       {"/api/v1/namespaces/gate/pods/one", "/api/v1/namespaces/gate/pods?", "/api/v1/nodes/node-1"}) {
    nodes_.lead(false);
    refuse(place, 403);
    NodeAddresses fresh(
        loop_, api_, {.namespace_ = "gate", .name = "one"}, [this](auto addresses) { told_ = addresses; },
        [this](const std::string& line, bool) { lines_.push_back(line); }, times());
    fresh.lead(true);
    ASSERT_TRUE(run_until([&] { return was_said("no such thing for you; addresses of Ingresses stay"); })) << place;
    look_again();
    EXPECT_EQ(lines_.size(), 1U) << place;
    EXPECT_EQ(told_, std::nullopt);
    cluster_.refusals.clear();
    ASSERT_TRUE(become({"10.0.0.1"})) << place;
    fresh.lead(false);
    lines_.clear();
  }
}

TEST_F(NodeAddressesTest, AnotherNameThanOursIsSaid) {
  cluster_.remove("pods", "gate", "one");
  lead();
  ASSERT_TRUE(run_until([&] { return was_said("Pod gate/one: may not be read, or is not this pod (POD_NAME): 404"); }));
  put_pod("one", "node-1");
  ASSERT_TRUE(become({"10.0.0.1"}));
}

TEST_F(NodeAddressesTest, AreReadAgainFromTimeToTime) {
  NodeAddresses::Times often = times();
  often.reread = net::Duration(4);
  NodeAddresses other(
      loop_, api_, {.namespace_ = "gate", .name = "one"}, [this](auto addresses) { told_ = addresses; },
      [](const std::string&, bool) {}, often);
  other.lead(true);
  ASSERT_TRUE(become({"10.0.0.1"}));
  put_node("node-1", "10.0.0.9");
  ASSERT_TRUE(become({"10.0.0.9"}));
}

}  // namespace
}  // namespace sallyport::sources::api_server
