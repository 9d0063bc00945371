// SPDX-License-Identifier: Apache-2.0
#include "routing/compiler.hpp"

#include <gtest/gtest.h>

#include "unit/routing/rules.hpp"

namespace sallyport::routing {
namespace {

class CompilerTest : public testing::Test {
 protected:
  SnapshotPtr apply(model::Delta delta) {
    delta.version = ++version_;
    return compiler_.apply(delta);
  }
  static model::Listener listener(std::string id, std::uint16_t port = 80) {
    return {.id = std::move(id), .addresses = {}, .port = port, .chain = {}, .origin = {}};
  }
  static model::EndpointSet endpoints(std::string id, std::initializer_list<std::string_view> addresses) {
    model::EndpointSet set{.id = std::move(id), .endpoints = {}, .origin = {}};
    for (const auto address : addresses) set.endpoints.push_back({.address = *syntax::SocketAddress::parse(address)});
    return set;
  }
  static model::Backend backend(std::string id, std::string set) {
    return {.id = std::move(id), .endpoint_set = std::move(set)};
  }
  static model::Rule model_rule(std::string id, std::string backend, std::vector<model::Id> scope = {}) {
    model::Rule made;
    made.id = std::move(id);
    made.rank.text = made.id;
    made.listeners = std::move(scope);
    made.destinations = {{.target = model::BackendRef{.backend = std::move(backend)}}};
    return made;
  }
  // Two listeners, two backends, two rules.
  SnapshotPtr begin() {
    model::Delta delta;
    delta.listeners.changed = {listener("l1"), listener("l2")};
    delta.endpoint_sets.changed = {endpoints("s1", {"10.0.0.1:80"}), endpoints("s2", {"10.0.0.2:80"})};
    delta.backends.changed = {backend("b1", "s1"), backend("b2", "s2")};
    delta.rules.changed = {model_rule("r1", "b1"), model_rule("r2", "b2")};
    return apply(delta);
  }
  static std::vector<std::string> served(const Snapshot& snapshot, std::string_view at) {
    return all_of(snapshot.listener(at)->table->find("", "/"));
  }
  static Slot slot_of(const Snapshot& snapshot, std::string_view id) {
    for (Slot slot = 0; slot < snapshot.backends.size(); ++slot) {
      if (snapshot.backends[slot] != nullptr && snapshot.backends[slot]->model.id == id) return slot;
    }
    ADD_FAILURE() << "no backend " << id;
    return 0;
  }

  Compiler compiler_;
  std::uint64_t version_ = 0;
};

using Ids = std::vector<std::string>;

TEST_F(CompilerTest, EveryKindOfPartIsAdded) {
  const auto snapshot = begin();
  EXPECT_EQ(snapshot->version, 1U);
  ASSERT_EQ(snapshot->listeners.size(), 2U);
  EXPECT_EQ(served(*snapshot, "l1"), (Ids{"r1", "r2"}));
  EXPECT_EQ(served(*snapshot, "l2"), (Ids{"r1", "r2"}));
  EXPECT_EQ(snapshot->backends[slot_of(*snapshot, "b2")]->endpoints->endpoints.at(0).address.text(), "10.0.0.2:80");
  EXPECT_EQ(snapshot->listener("l3"), nullptr);
}

TEST_F(CompilerTest, ARulePointsAtItsBackendsSlot) {
  const auto snapshot = begin();
  Candidates candidates = snapshot->listener("l1")->table->find("", "/");
  EXPECT_EQ(candidates.next().rule->destinations.at(0).backend, slot_of(*snapshot, "b1"));
  EXPECT_EQ(candidates.next().rule->destinations.at(0).backend, slot_of(*snapshot, "b2"));
}

TEST_F(CompilerTest, AnEndpointChangeTouchesItsBackendOnly) {
  const auto before = begin();
  model::Delta delta;
  delta.endpoint_sets.changed = {endpoints("s1", {"10.0.0.9:80"})};
  const auto after = apply(delta);
  const Slot b1 = slot_of(*before, "b1");
  const Slot b2 = slot_of(*before, "b2");
  EXPECT_NE(after->backends[b1], before->backends[b1]);
  EXPECT_EQ(after->backends[b1]->endpoints->endpoints.at(0).address.text(), "10.0.0.9:80");
  EXPECT_EQ(before->backends[b1]->endpoints->endpoints.at(0).address.text(), "10.0.0.1:80");
  EXPECT_EQ(after->backends[b2], before->backends[b2]);
  EXPECT_EQ(after->listeners, before->listeners);
  EXPECT_EQ(after->version, before->version + 1);
}

TEST_F(CompilerTest, ARuleThatChangesLeavesTheOthersAsTheyAre) {
  const auto before = begin();
  model::Delta delta;
  delta.rules.changed = {model_rule("r2", "b1")};
  const auto after = apply(delta);
  Candidates old_rules = before->listener("l1")->table->find("", "/");
  Candidates new_rules = after->listener("l1")->table->find("", "/");
  EXPECT_EQ(old_rules.next().rule, new_rules.next().rule);
  const Rule* old_second = old_rules.next().rule;
  const Rule* new_second = new_rules.next().rule;
  EXPECT_NE(old_second, new_second);
  EXPECT_EQ(new_second->destinations.at(0).backend, slot_of(*after, "b1"));
  EXPECT_EQ(after->backends, before->backends);
}

TEST_F(CompilerTest, ARuleThatGoesIsServedNoMore) {
  const auto before = begin();
  model::Delta delta;
  delta.rules.removed = {"r1"};
  EXPECT_EQ(served(*apply(delta), "l1"), Ids{"r2"});
  EXPECT_EQ(served(*before, "l1"), (Ids{"r1", "r2"})) << "who serves from the old one still does";
}

TEST_F(CompilerTest, AListenerChangesAndGoes) {
  const auto before = begin();
  model::Delta delta;
  delta.listeners.changed = {listener("l1", 8080)};
  delta.listeners.removed = {"l2"};
  const auto after = apply(delta);
  ASSERT_EQ(after->listeners.size(), 1U);
  EXPECT_EQ(after->listener("l1")->model.port, 8080);
  EXPECT_EQ(before->listener("l1")->model.port, 80);
}

TEST_F(CompilerTest, ABackendKeepsItsSlotAndGetsItBack) {
  const auto before = begin();
  const Slot b1 = slot_of(*before, "b1");
  const Slot b2 = slot_of(*before, "b2");
  model::Delta delta;
  delta.backends.removed = {"b1"};
  delta.backends.changed = {backend("b3", "s1")};
  const auto between = apply(delta);
  EXPECT_TRUE(b1 >= between->backends.size() || between->backends[b1] == nullptr);
  EXPECT_EQ(slot_of(*between, "b2"), b2);
  EXPECT_NE(slot_of(*between, "b3"), b1) << "requests of the old snapshot may still be at it";
  delta = {};
  delta.backends.changed = {backend("b1", "s1")};
  EXPECT_EQ(slot_of(*apply(delta), "b1"), b1);
}

TEST_F(CompilerTest, AnEndpointSetThatIsNotThereIsEmptyUntilItComes) {
  begin();
  model::Delta delta;
  delta.backends.changed = {backend("b3", "s3")};
  const auto before = apply(delta);
  const Slot b3 = slot_of(*before, "b3");
  EXPECT_TRUE(before->backends[b3]->endpoints->endpoints.empty());
  EXPECT_EQ(apply({})->backends[b3], before->backends[b3]) << "and stays the same object";
  delta = {};
  delta.endpoint_sets.changed = {endpoints("s3", {"10.0.0.3:80"})};
  EXPECT_EQ(apply(delta)->backends[b3]->endpoints->endpoints.size(), 1U);
  delta = {};
  delta.endpoint_sets.removed = {"s3"};
  EXPECT_TRUE(apply(delta)->backends[b3]->endpoints->endpoints.empty());
}

TEST_F(CompilerTest, ABackendThatIsNotThereHasASlotAndNothingInIt) {
  model::Delta delta;
  delta.listeners.changed = {listener("l1")};
  delta.rules.changed = {model_rule("r1", "b9")};
  const auto before = apply(delta);
  const Slot slot = *before->listener("l1")->table->find("", "/").next().rule->destinations.at(0).backend;
  EXPECT_TRUE(slot >= before->backends.size() || before->backends[slot] == nullptr);
  delta = {};
  delta.backends.changed = {backend("b9", "s9")};
  EXPECT_EQ(slot_of(*apply(delta), "b9"), slot);
}

TEST_F(CompilerTest, ARuleServesTheListenersOfItsScope) {
  model::Delta delta;
  delta.listeners.changed = {listener("l1"), listener("l2")};
  delta.rules.changed = {model_rule("everywhere", "b1"), model_rule("one", "b1", {"l1"}),
                         model_rule("two", "b1", {"l2"}), model_rule("three", "b1", {"l3"})};
  const auto snapshot = apply(delta);
  EXPECT_EQ(served(*snapshot, "l1"), (Ids{"everywhere", "one"}));
  EXPECT_EQ(served(*snapshot, "l2"), (Ids{"everywhere", "two"}));
}

TEST_F(CompilerTest, ListenersOfTheSameRulesShareATable) {
  const auto snapshot = begin();
  EXPECT_EQ(snapshot->listener("l1")->table, snapshot->listener("l2")->table);
}

TEST_F(CompilerTest, ADestinationWithoutWeightIsLeftOut) {
  model::Rule made = model_rule("r1", "b1");
  made.destinations[0].weight = 0;
  made.destinations.push_back({.target = model::FixedAnswer{.code = Code::no_service}, .weight = 4});
  made.destinations.push_back({.target = model::BackendRef{.backend = "b2"}, .weight = 2});
  model::Delta delta;
  delta.listeners.changed = {listener("l1")};
  delta.rules.changed = {made};
  const auto snapshot = apply(delta);
  const auto& to = snapshot->listener("l1")->table->find("", "/").next().rule->destinations;
  ASSERT_EQ(to.size(), 2U);
  EXPECT_FALSE(to[0].backend);
  EXPECT_EQ(to[0].answer, Code::no_service);
  EXPECT_EQ(to[0].weight_up_to, 4U);
  EXPECT_TRUE(to[1].backend);
  EXPECT_EQ(to[1].weight_up_to, 6U);
}

TEST_F(CompilerTest, EveryChainIsMade) {
  model::Listener with_chain = listener("l1");
  with_chain.chain = {model::ForwardedHeaders(), model::RequestId()};
  model::Rule made = model_rule("r1", "b1");
  made.chain = {model::RequestId()};
  made.destinations[0].chain = {model::RequestId(), model::RequestId(), model::RequestId()};
  model::Delta delta;
  delta.listeners.changed = {with_chain};
  delta.rules.changed = {made};
  const auto snapshot = apply(delta);
  EXPECT_EQ(snapshot->listener("l1")->chain.size(), 2U);
  const Rule* compiled = snapshot->listener("l1")->table->find("", "/").next().rule;
  EXPECT_EQ(compiled->chain.size(), 1U);
  EXPECT_EQ(compiled->destinations.at(0).chain.size(), 3U);
}

// Removed and made again in one delta is changed.
TEST_F(CompilerTest, WhatGoesAndComesInOneDeltaIsThere) {
  begin();
  model::Delta delta;
  delta.rules.removed = {"r1"};
  delta.rules.changed = {model_rule("r1", "b2")};
  EXPECT_EQ(served(*apply(delta), "l1"), (Ids{"r1", "r2"}));
}

TEST_F(CompilerTest, AnEmptyDeltaChangesTheVersionOnly) {
  const auto before = begin();
  const auto after = apply({});
  EXPECT_EQ(after->version, 2U);
  EXPECT_EQ(after->listeners, before->listeners);
  EXPECT_EQ(after->backends, before->backends);
}

}  // namespace
}  // namespace sallyport::routing
