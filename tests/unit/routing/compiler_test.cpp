// SPDX-License-Identifier: Apache-2.0
#include "routing/compiler.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "base/text.hpp"
#include "unit/routing/rules.hpp"

namespace sallyport::routing {
namespace {

class CompilerTest : public testing::Test {
 protected:
  Change apply(model::Delta delta) {
    delta.version = ++version_;
    return compiler_.apply(delta);
  }
  template <class Part>
  static std::shared_ptr<const Part> part(Part made) {
    return std::make_shared<const Part>(std::move(made));
  }
  static auto listener(std::string id, std::uint16_t port = 80) {
    return part<model::Listener>({.id = std::move(id), .addresses = {}, .port = port, .chain = {}, .origin = {}});
  }
  static auto endpoints(std::string id, std::initializer_list<std::string_view> addresses) {
    model::EndpointSet set{.id = std::move(id), .endpoints = {}, .origin = {}};
    for (const auto address : addresses) set.endpoints.push_back({.address = *syntax::SocketAddress::parse(address)});
    return part(std::move(set));
  }
  static auto backend(std::string id, std::string set) {
    return part<model::Backend>({.id = std::move(id), .endpoint_set = std::move(set), .origin = {}});
  }
  static std::shared_ptr<const model::Rule> rule(std::string id, std::string backend,
                                                 std::vector<model::Id> scope = {}) {
    model::Rule made;
    made.id = std::move(id);
    made.rank.text = made.id;
    made.listeners = std::move(scope);
    made.destinations = {{.target = model::BackendRef{.backend = std::move(backend)}}};
    return shared(std::move(made));
  }
  // Two listeners, two backends, two rules.
  SnapshotPtr begin() {
    model::Delta delta;
    delta.listeners.changed = {listener("l1"), listener("l2")};
    delta.endpoint_sets.changed = {endpoints("s1", {"10.0.0.1:80"}), endpoints("s2", {"10.0.0.2:80"})};
    delta.backends.changed = {backend("b1", "s1"), backend("b2", "s2")};
    delta.rules.changed = {rule("r1", "b1"), rule("r2", "b2")};
    return apply(delta).snapshot;
  }
  static std::vector<const Rule*> rules(const Snapshot& snapshot, std::string_view at) {
    const Asked asked("", "/");
    Choice choice(snapshot, *snapshot.listener(at), asked.head, asked.client);
    std::vector<const Rule*> all;
    for (Candidate one = choice.next(); one.rule != nullptr; one = choice.next()) all.push_back(one.rule);
    return all;
  }
  static Ids served(const Snapshot& snapshot, std::string_view at) {
    Ids ids;
    for (const Rule* one : rules(snapshot, at)) ids.push_back(one->model.id);
    return ids;
  }
  static Slot slot_of(const Snapshot& snapshot, std::string_view id) {
    std::optional<Slot> slot;
    snapshot.backends.for_each([&](const Backend& one) {
      if (one.model.id == id) slot = one.slot();
    });
    EXPECT_TRUE(slot) << "no backend " << id;
    return slot.value_or(0);
  }
  static std::string address(const Snapshot& snapshot, Slot slot) {
    return snapshot.backend(slot)->endpoints->endpoints.at(0).address.text();
  }

  Compiler compiler_;
  std::uint64_t version_ = 0;
};

using SlotList = std::vector<Slot>;

// Who asks before anything was read, as of a folder that cannot be, finds nothing.
TEST(CompilerWithoutDeltas, HasAnEmptySnapshot) {
  const Compiler compiler;
  ASSERT_NE(compiler.current(), nullptr);
  EXPECT_EQ(compiler.current()->version, 0U);
  EXPECT_EQ(compiler.current()->listener("http"), nullptr);
  EXPECT_EQ(compiler.counts().snapshots, 0U);
}

TEST_F(CompilerTest, EveryKindOfPartIsAdded) {
  const auto snapshot = begin();
  EXPECT_EQ(compiler_.current(), snapshot);
  EXPECT_EQ(snapshot->version, 1U);
  EXPECT_EQ(served(*snapshot, "l1"), (Ids{"r1", "r2"}));
  EXPECT_EQ(served(*snapshot, "l2"), (Ids{"r1", "r2"}));
  EXPECT_EQ(address(*snapshot, slot_of(*snapshot, "b2")), "10.0.0.2:80");
  EXPECT_EQ(snapshot->listener("l3"), nullptr);
}

TEST_F(CompilerTest, AListenerIsFoundByIdAndBySlot) {
  const auto snapshot = begin();
  const Listener* const one = snapshot->listener("l1");
  EXPECT_EQ(one->model.id, "l1");
  EXPECT_EQ(snapshot->listener(one->slot()), one);
}

TEST_F(CompilerTest, AChangeNamesTheBackendsThatItTouches) {
  model::Delta delta;
  delta.endpoint_sets.changed = {endpoints("s1", {"10.0.0.1:80"})};
  delta.backends.changed = {backend("b1", "s1"), backend("b2", "s2"), backend("b3", "s1")};
  EXPECT_EQ(apply(delta).backends, (SlotList{0, 1, 2}));
  delta = {};
  delta.endpoint_sets.changed = {endpoints("s1", {"10.0.0.9:80"})};
  EXPECT_EQ(apply(delta).backends, (SlotList{0, 2}));
  delta = {};
  delta.backends.changed = {backend("b2", "s1")};
  EXPECT_EQ(apply(delta).backends, SlotList{1});
  delta = {};
  delta.endpoint_sets.removed = {"s1"};
  EXPECT_EQ(apply(delta).backends, (SlotList{0, 1, 2}));
  delta = {};
  delta.backends.removed = {"b3"};
  EXPECT_EQ(apply(delta).backends, SlotList{2});
  EXPECT_TRUE(apply({}).backends.empty());
}

TEST_F(CompilerTest, OnlyAPartThatChangesIsAChangeOfListeners) {
  begin();
  model::Delta delta;
  delta.rules.changed = {rule("r3", "b1", {"l1"})};
  EXPECT_FALSE(apply(delta).listeners_changed);
  delta = {};
  delta.listeners.changed = {listener("l1", 81)};
  EXPECT_TRUE(apply(delta).listeners_changed);
  delta = {};
  delta.listeners.removed = {"l1"};
  EXPECT_TRUE(apply(delta).listeners_changed);
}

TEST_F(CompilerTest, ARulePointsAtItsBackendsSlot) {
  const auto snapshot = begin();
  const auto all = rules(*snapshot, "l1");
  EXPECT_EQ(all.at(0)->destinations.at(0).backend, slot_of(*snapshot, "b1"));
  EXPECT_EQ(all.at(1)->destinations.at(0).backend, slot_of(*snapshot, "b2"));
}

TEST_F(CompilerTest, AnEndpointChangeTouchesItsBackendOnly) {
  const auto before = begin();
  model::Delta delta;
  delta.endpoint_sets.changed = {endpoints("s1", {"10.0.0.9:80"})};
  const auto after = apply(delta).snapshot;
  const Slot b1 = slot_of(*before, "b1");
  const Slot b2 = slot_of(*before, "b2");
  EXPECT_NE(after->backend(b1), before->backend(b1));
  EXPECT_EQ(address(*after, b1), "10.0.0.9:80");
  EXPECT_EQ(address(*before, b1), "10.0.0.1:80");
  EXPECT_EQ(after->backend(b2), before->backend(b2));
  EXPECT_EQ(after->listener("l1"), before->listener("l1"));
  EXPECT_EQ(after->version, before->version + 1);
}

TEST_F(CompilerTest, ARuleThatChangesLeavesTheOthersAsTheyAre) {
  const auto before = begin();
  model::Delta delta;
  delta.rules.changed = {rule("r2", "b1")};
  const auto after = apply(delta).snapshot;
  const auto old_rules = rules(*before, "l1");
  const auto new_rules = rules(*after, "l1");
  EXPECT_EQ(old_rules.at(0), new_rules.at(0));
  EXPECT_NE(old_rules.at(1), new_rules.at(1));
  EXPECT_EQ(new_rules.at(1)->destinations.at(0).backend, slot_of(*after, "b1"));
  EXPECT_EQ(after->listener("l1"), before->listener("l1")) << "a rule touches no listener";
}

TEST_F(CompilerTest, ARuleThatGoesIsServedNoMore) {
  const auto before = begin();
  model::Delta delta;
  delta.rules.removed = {"r1", "never there"};
  EXPECT_EQ(served(*apply(delta).snapshot, "l1"), Ids{"r2"});
  EXPECT_EQ(served(*before, "l1"), (Ids{"r1", "r2"})) << "who serves from the old one still does";
}

TEST_F(CompilerTest, AListenerChangesAndGoes) {
  const auto before = begin();
  model::Delta delta;
  delta.listeners.changed = {listener("l1", 8080)};
  delta.listeners.removed = {"l2"};
  const auto after = apply(delta).snapshot;
  EXPECT_EQ(after->listener("l2"), nullptr);
  EXPECT_EQ(after->listener(before->listener("l2")->slot()), nullptr);
  EXPECT_EQ(after->listener("l1")->model.port, 8080);
  EXPECT_EQ(after->listener("l1")->slot(), before->listener("l1")->slot());
  EXPECT_EQ(served(*after, "l1"), (Ids{"r1", "r2"}));
  EXPECT_EQ(before->listener("l1")->model.port, 80);
}

TEST_F(CompilerTest, ASlotIsNobodyElsesWhileASnapshotKnowsIt) {
  auto before = begin();
  const Slot b1 = slot_of(*before, "b1");
  model::Delta delta;
  delta.rules.removed = {"r1"};
  delta.backends.removed = {"b1"};
  delta.backends.changed = {backend("b3", "s1")};
  const Change change = apply(delta);
  EXPECT_TRUE(change.freed.empty());
  EXPECT_EQ(change.snapshot->backend(b1), nullptr);
  EXPECT_NE(slot_of(*change.snapshot, "b3"), b1);
  EXPECT_TRUE(compiler_.free_retired().empty());
  before = nullptr;
  EXPECT_EQ(compiler_.free_retired(), SlotList{b1});
  EXPECT_TRUE(compiler_.free_retired().empty()) << "told once";
  delta = {};
  delta.backends.changed = {backend("b4", "s1")};
  EXPECT_EQ(slot_of(*apply(delta).snapshot, "b4"), b1);
}

TEST_F(CompilerTest, ApplyingTellsWhatWasFreedBeforeIt) {
  auto before = begin();
  const Slot b1 = slot_of(*before, "b1");
  model::Delta delta;
  delta.rules.removed = {"r1"};
  delta.backends.removed = {"b1"};
  apply(delta);
  before = nullptr;
  delta = {};
  delta.backends.changed = {backend("b3", "s1")};
  const Change change = apply(delta);
  EXPECT_EQ(change.freed, SlotList{b1});
  EXPECT_EQ(change.backends, SlotList{b1}) << "free, and at once another's";
}

TEST_F(CompilerTest, ARuleHoldsTheSlotOfABackendThatIsGone) {
  begin();
  model::Delta delta;
  delta.backends.removed = {"b1"};
  auto snapshot = apply(delta).snapshot;
  apply({});
  snapshot = nullptr;
  EXPECT_TRUE(compiler_.free_retired().empty());
  const Slot slot = *rules(*compiler_.current(), "l1").at(0)->destinations.at(0).backend;
  EXPECT_EQ(compiler_.current()->backend(slot), nullptr);
  delta = {};
  delta.backends.changed = {backend("b1", "s1")};
  EXPECT_EQ(slot_of(*apply(delta).snapshot, "b1"), slot) << "and it gets it back";
}

TEST_F(CompilerTest, SlotsOfListenersAndTablesAreUsedAgain) {
  begin();
  SlotList slots;
  for (int i = 0; i < 5; ++i) {
    model::Delta delta;
    const std::string id = text::cat("l", i + 10);
    delta.listeners.changed = {listener(id)};
    delta.rules.changed = {rule("r3", "b1", {id})};
    const auto snapshot = apply(delta).snapshot;
    slots.push_back(snapshot->listener(id)->slot());
    slots.push_back(snapshot->listener(id)->tables.back()->slot());
    delta = {};
    delta.listeners.removed = {id};
    delta.rules.removed = {"r3"};
    apply(delta);
  }
  EXPECT_LE(std::ranges::max(slots), 3U);
}

TEST_F(CompilerTest, AnEndpointSetThatIsNotThereIsEmptyUntilItComes) {
  begin();
  model::Delta delta;
  delta.backends.changed = {backend("b3", "s3")};
  const auto before = apply(delta).snapshot;
  const Slot b3 = slot_of(*before, "b3");
  EXPECT_TRUE(before->backend(b3)->endpoints->endpoints.empty());
  EXPECT_EQ(apply({}).snapshot->backend(b3), before->backend(b3)) << "and stays the same object";
  delta = {};
  delta.endpoint_sets.changed = {endpoints("s3", {"10.0.0.3:80"})};
  EXPECT_EQ(apply(delta).snapshot->backend(b3)->endpoints->endpoints.size(), 1U);
  delta = {};
  delta.endpoint_sets.removed = {"s3"};
  EXPECT_TRUE(apply(delta).snapshot->backend(b3)->endpoints->endpoints.empty());
}

TEST_F(CompilerTest, ARuleServesTheListenersOfItsScope) {
  model::Delta delta;
  delta.listeners.changed = {listener("l1"), listener("l2")};
  delta.rules.changed = {rule("everywhere", "b1"), rule("one", "b1", {"l1"}), rule("two", "b1", {"l2"}),
                         rule("three", "b1", {"l3"}), rule("both", "b1", {"l1", "l2"})};
  const auto snapshot = apply(delta).snapshot;
  EXPECT_EQ(served(*snapshot, "l1"), (Ids{"both", "everywhere", "one"}));
  EXPECT_EQ(served(*snapshot, "l2"), (Ids{"both", "everywhere", "two"}));
  delta = {};
  delta.listeners.changed = {listener("l3")};
  EXPECT_EQ(served(*apply(delta).snapshot, "l3"), (Ids{"everywhere", "three"}));
  delta = {};
  delta.rules.removed = {"one", "three"};
  delta.rules.changed = {rule("both", "b1", {"l3"})};
  const auto after = apply(delta).snapshot;
  EXPECT_EQ(served(*after, "l1"), Ids{"everywhere"});
  EXPECT_EQ(served(*after, "l3"), (Ids{"both", "everywhere"}));
}

// However many listeners are in the scope.
TEST_F(CompilerTest, ARuleOfAKnownScopeTouchesNoListener) {
  std::vector<model::Id> scope;
  model::Delta delta;
  for (int i = 0; i < 300; ++i) {
    scope.push_back(text::cat("l", i));
    delta.listeners.changed.push_back(listener(scope.back()));
  }
  delta.rules.changed = {rule("r1", "b1", scope)};
  const auto before = apply(delta).snapshot;
  const std::uint64_t made = compiler_.counts().nodes_made;
  delta = {};
  delta.rules.changed = {rule("r2", "b1", scope)};
  const auto after = apply(delta).snapshot;
  EXPECT_LE(compiler_.counts().nodes_made - made, 8U);
  EXPECT_EQ(before->listener("l299"), after->listener("l299"));
  EXPECT_EQ(served(*after, "l299"), (Ids{"r1", "r2"}));
}

TEST_F(CompilerTest, ADestinationWithoutWeightIsLeftOut) {
  model::Rule made = model_rule("", "/");
  made.destinations = {{.target = model::BackendRef{.backend = "b1"}, .weight = 0},
                       {.target = model::FixedAnswer{.code = Code::no_service}, .weight = 4},
                       {.target = model::BackendRef{.backend = "b2"}, .weight = 2}};
  model::Delta delta;
  delta.listeners.changed = {listener("l1")};
  delta.rules.changed = {shared(made)};
  const auto snapshot = apply(delta).snapshot;
  const auto& to = rules(*snapshot, "l1").at(0)->destinations;
  ASSERT_EQ(to.size(), 2U);
  EXPECT_FALSE(to[0].backend);
  EXPECT_EQ(to[0].answer, Code::no_service);
  EXPECT_EQ(to[0].weight_up_to, 4U);
  EXPECT_TRUE(to[1].backend);
  EXPECT_EQ(to[1].weight_up_to, 6U);
}

TEST_F(CompilerTest, EveryChainIsMade) {
  model::Listener with_chain = *listener("l1");
  with_chain.chain = {model::ForwardedHeaders(), model::RequestId()};
  model::Rule made = model_rule("", "/");
  made.chain = {model::RequestId()};
  made.destinations[0].chain = {model::RequestId(), model::RequestId(), model::RequestId()};
  model::Delta delta;
  delta.listeners.changed = {part(with_chain)};
  delta.rules.changed = {shared(made)};
  const auto snapshot = apply(delta).snapshot;
  EXPECT_EQ(snapshot->listener("l1")->chain.size(), 2U);
  const Rule* compiled = rules(*snapshot, "l1").at(0);
  EXPECT_EQ(compiled->chain.size(), 1U);
  EXPECT_EQ(compiled->destinations.at(0).chain.size(), 3U);
}

// Removed and made again in one delta is changed.
TEST_F(CompilerTest, WhatGoesAndComesInOneDeltaIsThere) {
  begin();
  model::Delta delta;
  delta.rules.removed = {"r1"};
  delta.rules.changed = {rule("r1", "b2")};
  delta.backends.removed = {"b1"};
  delta.backends.changed = {backend("b1", "s2")};
  delta.listeners.removed = {"l2"};
  delta.listeners.changed = {listener("l2")};
  const auto snapshot = apply(delta).snapshot;
  EXPECT_EQ(served(*snapshot, "l1"), (Ids{"r1", "r2"}));
  EXPECT_EQ(served(*snapshot, "l2"), (Ids{"r1", "r2"}));
  EXPECT_EQ(address(*snapshot, slot_of(*snapshot, "b1")), "10.0.0.2:80");
}

TEST_F(CompilerTest, AnEmptyDeltaChangesTheVersionOnly) {
  const auto before = begin();
  const std::uint64_t made = compiler_.counts().nodes_made;
  const Change change = apply({});
  EXPECT_EQ(change.snapshot->version, 2U);
  EXPECT_TRUE(change.backends.empty());
  EXPECT_FALSE(change.listeners_changed);
  EXPECT_EQ(compiler_.counts().nodes_made, made);
}

TEST_F(CompilerTest, CountsItsRulesAndSnapshots) {
  auto first = begin();
  model::Delta delta;
  delta.rules.changed = {shared(model_rule("~a.*", "/a")), shared(model_rule("", "~.*/x"))};
  auto second = apply(delta).snapshot;
  EXPECT_EQ(compiler_.counts().rules, 4U);
  EXPECT_EQ(compiler_.counts().rules_outside_index, 2U);
  EXPECT_EQ(compiler_.counts().snapshots, 2U);
  delta = {};
  delta.rules.removed = {"~a.*/a"};
  apply(delta);
  EXPECT_EQ(compiler_.counts().rules_outside_index, 1U);
  EXPECT_EQ(compiler_.counts().snapshots, 3U);
  first = second = nullptr;
  EXPECT_EQ(compiler_.counts().snapshots, 3U) << "until they are freed";
  compiler_.free_retired();
  EXPECT_EQ(compiler_.counts().snapshots, 1U);
}

// A worker lets go of a snapshot: nothing is freed there, and the compiler is told.
TEST_F(CompilerTest, ASnapshotDroppedElsewhereIsFreedHere) {
  std::atomic<int> told = 0;
  Compiler compiler([&] { ++told; });
  model::Delta delta{.version = 1};
  delta.rules.changed = {rule("r1", "b1")};
  compiler.apply(delta);
  delta = {.version = 2};
  delta.rules.removed = {"r1"};
  SnapshotPtr last = compiler.current();
  compiler.apply(delta);
  EXPECT_EQ(told, 0);
  const std::int64_t alive = node_counts().alive;
  std::int64_t freed_there = 0;
  std::thread([&freed_there, dropped = std::move(last)]() mutable {
    dropped = nullptr;
    freed_there = -node_counts().alive;
  }).join();
  EXPECT_EQ(freed_there, 0);
  EXPECT_EQ(told, 1);
  EXPECT_EQ(node_counts().alive, alive);
  EXPECT_EQ(compiler.free_retired(), SlotList{0});
  EXPECT_LT(node_counts().alive, alive);
}

TEST_F(CompilerTest, ASnapshotMayOutliveItsCompiler) {
  int told = 0;
  const std::int64_t alive = node_counts().alive;
  SnapshotPtr first;
  SnapshotPtr second;
  {
    Compiler compiler([&] { ++told; });
    model::Delta delta{.version = 1};
    delta.listeners.changed = {listener("l1")};
    delta.rules.changed = {rule("r1", "b1")};
    first = compiler.apply(delta).snapshot;
    second = compiler.apply({.version = 2}).snapshot;
  }
  EXPECT_EQ(served(*first, "l1"), Ids{"r1"});
  first = nullptr;
  EXPECT_EQ(served(*second, "l1"), Ids{"r1"});
  second = nullptr;
  EXPECT_EQ(told, 0);
  EXPECT_EQ(node_counts().alive, alive) << "with the last of them all is freed";
}

}  // namespace
}  // namespace sallyport::routing
