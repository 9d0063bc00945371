// SPDX-License-Identifier: Apache-2.0
#include "fake_api_server/store.hpp"

#include <gtest/gtest.h>

#include "unit/fake_api_server/objects.hpp"

namespace sallyport::fake_api {
namespace {

class StoreTest : public testing::Test {
 protected:
  ObjectPtr put(std::string_view name, std::string_view labels = "{}") {
    return *writes_.put(config_map(name, labels));
  }
  ObjectPtr remove(std::string_view name) { return store_.remove(*kind_, "default", name); }
  std::vector<std::string> events_since(std::uint64_t revision) const {
    std::vector<std::string> all;
    for (const Event& event : store_.events(*kind_, store_.first_after(*kind_, revision))) {
      const bool is_new = event.before == nullptr;
      all.push_back((event.after == nullptr ? "-"
                     : is_new               ? "+"
                                            : "~") +
                    (is_new ? event.after->name : event.before->name));
    }
    return all;
  }

  Store store_;
  Writes writes_{store_};
  KindPtr kind_ = store_.find("", "v1", "configmaps");
};

TEST_F(StoreTest, OneCounterNumbersAllChanges) {
  const std::uint64_t before = store_.revision();
  const ObjectPtr a = put("a");
  const ObjectPtr b = put("b");
  EXPECT_EQ(a->revision, before + 1);
  EXPECT_EQ(b->revision, before + 2);
  EXPECT_EQ(a->json.text_at({"metadata", "resourceVersion"}), std::to_string(before + 1));
  remove("a");
  EXPECT_EQ(store_.revision(), before + 3);
}

TEST_F(StoreTest, ThePagesOfAListAreOfOneMoment) {
  for (const char* const name : {"a", "b", "c", "d", "e"}) put(name);
  const Page first = store_.first_page(*kind_, {}, 2);
  EXPECT_EQ(names(first.items), "a b");
  EXPECT_EQ(first.remaining, 3U);
  remove("c");
  put("dd");
  const auto second = store_.next_page(first.rest, 2);
  ASSERT_TRUE(second);
  EXPECT_EQ(names(second->items), "c d");
  EXPECT_EQ(second->revision, first.revision);
  const auto third = store_.next_page(second->rest, 2);
  ASSERT_TRUE(third);
  EXPECT_EQ(names(third->items), "e");
  EXPECT_EQ(third->rest, "");
}

TEST_F(StoreTest, AnExpiredListDoesNotGoOn) {
  put("a");
  put("b");
  const Page first = store_.first_page(*kind_, {}, 1);
  store_.expire();
  EXPECT_FALSE(store_.next_page(first.rest, 1));
  EXPECT_FALSE(store_.next_page("nonsense", 1));
}

TEST_F(StoreTest, EventsFollowARevision) {
  put("a");
  const std::uint64_t seen = store_.revision();
  put("b");
  put("a");
  remove("b");
  EXPECT_EQ(events_since(seen), (std::vector<std::string>{"+b", "~a", "-b"}));
  EXPECT_TRUE(events_since(store_.revision()).empty());
}

TEST_F(StoreTest, WhatIsExpiredIsNotKnown) {
  put("a");
  const std::uint64_t seen = store_.revision();
  const std::size_t number = store_.events_so_far(*kind_);
  put("b");
  store_.expire();
  EXPECT_FALSE(store_.knows_since(seen));
  EXPECT_TRUE(store_.knows_since(store_.revision()));
  put("c");
  EXPECT_EQ(store_.events(*kind_, number).size(), 1U) << "only what came later is there for who was here before";
  EXPECT_EQ(store_.events(*kind_, store_.events_so_far(*kind_)).size(), 0U);
}

TEST_F(StoreTest, AScopeNarrowsAList) {
  put("a", "{team: x}");
  put("b", "{team: y}");
  Scope scope;
  scope.labels = *LabelSelector::parse("team=x");
  EXPECT_EQ(names(store_.list(*kind_, scope)), "a");
  scope = {.namespace_ = "other"};
  EXPECT_EQ(names(store_.list(*kind_, scope)), "");
}

TEST_F(StoreTest, ADefinitionAddsAKindAndItsEndTakesItAway) {
  const Json definition = json(
      "{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: toys.example.com}, "
      "spec: {group: example.com, scope: Namespaced, names: {plural: toys, kind: Toy}, versions: [{name: v1, "
      "served: true, subresources: {status: {}}}]}}");
  ASSERT_TRUE(writes_.put(definition));
  const KindPtr toys = store_.find("example.com", "v1", "toys");
  ASSERT_NE(toys, nullptr);
  EXPECT_TRUE(toys->has_status && toys->is_custom && toys->is_namespaced);
  const Place place{.kind = store_.find("apiextensions.k8s.io", "v1", "customresourcedefinitions"),
                    .name = "toys.example.com"};
  ASSERT_TRUE(writes_.remove(place, Json::map()));
  EXPECT_EQ(store_.find("example.com", "v1", "toys"), nullptr);
}

}  // namespace
}  // namespace sallyport::fake_api
