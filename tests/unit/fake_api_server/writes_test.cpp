// SPDX-License-Identifier: Apache-2.0
#include "fake_api_server/writes.hpp"

#include <gtest/gtest.h>

#include "unit/fake_api_server/objects.hpp"

namespace sallyport::fake_api {
namespace {

constexpr std::string_view web =
    "{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: web}, spec: {x: 1}}";

class WritesTest : public testing::Test {
 protected:
  Place place(std::string subresource = "") const {
    return {.kind = store_.find("networking.k8s.io", "v1", "ingresses"),
            .namespace_ = "default",
            .name = "web",
            .subresource = std::move(subresource)};
  }
  WriteResult apply(std::string_view manager, std::string_view status, bool is_forced = false) {
    const Json patch = json("{apiVersion: networking.k8s.io/v1, kind: Ingress, status: " + std::string(status) + "}");
    return writes_.patch(place("status"), PatchType::apply, patch, manager, is_forced);
  }
  std::string status() const {
    const Json* const found = store_.get(*place().kind, "default", "web")->json.find("status");
    return found == nullptr ? "" : found->written();
  }
  static std::uint64_t generation(const WriteResult& result) {
    return number_at(*result->object->json.find("metadata"), "generation")->value_or(0);
  }

  Store store_;
  Writes writes_{store_};
};

TEST_F(WritesTest, OnlyWhatIsWantedMakesANewGeneration) {
  ASSERT_TRUE(writes_.put(json(web)));
  const WriteResult labelled =
      writes_.patch(place(), PatchType::merge, json("{metadata: {labels: {a: b}}}"), "m", false);
  ASSERT_TRUE(labelled);
  EXPECT_EQ(generation(labelled), 1U);
  const WriteResult changed = writes_.patch(place(), PatchType::merge, json("{spec: {x: 2}}"), "m", false);
  EXPECT_EQ(generation(changed), 2U);
  const WriteResult status = writes_.patch(place("status"), PatchType::merge, json("{status: {y: 1}}"), "m", false);
  EXPECT_EQ(generation(status), 2U);
}

TEST_F(WritesTest, EachOfObjectAndStatusIsWrittenByItsOwnPathOnly) {
  ASSERT_TRUE(writes_.put(json(web)));
  ASSERT_TRUE(writes_.patch(place(), PatchType::merge, json("{spec: {x: 2}, status: {y: 1}}"), "m", false));
  EXPECT_EQ(status(), "");
  const auto written =
      writes_.patch(place("status"), PatchType::merge, json("{spec: {x: 3}, status: {y: 1}}"), "m", false);
  ASSERT_TRUE(written);
  EXPECT_EQ(status(), R"({"y":1})");
  EXPECT_EQ(written->object->json.at({"spec", "x"})->text(), "2");
}

TEST_F(WritesTest, AnOldRevisionIsAConflict) {
  const ObjectPtr first = *writes_.put(json(web));
  ASSERT_TRUE(writes_.put(json(web)));
  Json old = first->json;
  const WriteResult updated = writes_.update(place(), old, "m");
  ASSERT_FALSE(updated);
  EXPECT_EQ(updated.error().code, 409U);
  EXPECT_EQ(updated.error().reason, "Conflict");
}

TEST_F(WritesTest, WhatChangesNothingIsNoNewRevision) {
  ASSERT_TRUE(writes_.put(json(web)));
  ASSERT_TRUE(writes_.patch(place("status"), PatchType::merge, json("{status: {y: 1}}"), "m", false));
  const std::uint64_t before = store_.revision();
  ASSERT_TRUE(writes_.patch(place("status"), PatchType::merge, json("{status: {y: 1}}"), "m", false));
  EXPECT_EQ(store_.revision(), before);
}

TEST_F(WritesTest, WhatIsThereCannotBeCreatedAndWhatIsNotCannotBeUpdated) {
  const Place unnamed{.kind = place().kind, .namespace_ = "default"};
  const WriteResult created = writes_.create(unnamed, json(web), "m");
  ASSERT_TRUE(created);
  EXPECT_TRUE(created->is_new);
  EXPECT_EQ(writes_.create(unnamed, json(web), "m").error().reason, "AlreadyExists");
  ASSERT_TRUE(writes_.remove(place(), Json::map()));
  EXPECT_EQ(writes_.update(place(), json(web), "m").error().code, 404U);
}

TEST_F(WritesTest, AnApplierLetsGoOfWhatItNoLongerApplies) {
  ASSERT_TRUE(writes_.put(json(web)));
  ASSERT_TRUE(apply("one", "{a: 1, b: 2}"));
  ASSERT_TRUE(apply("two", "{b: 2, c: 3}"));
  ASSERT_TRUE(apply("one", "{}"));
  EXPECT_EQ(status(), R"({"b":2,"c":3})");
}

TEST_F(WritesTest, AnotherAppliersValueIsAConflictUnlessForced) {
  ASSERT_TRUE(writes_.put(json(web)));
  ASSERT_TRUE(apply("one", "{a: 1}"));
  const WriteResult refused = apply("two", "{a: 2}");
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find(".status.a"), std::string::npos);
  EXPECT_EQ(status(), R"({"a":1})");
  ASSERT_TRUE(apply("two", "{a: 2}", true));
  EXPECT_EQ(status(), R"({"a":2})");
  ASSERT_TRUE(apply("one", "{}"));
  EXPECT_EQ(status(), R"({"a":2})") << "it is the other one's";
}

TEST_F(WritesTest, ConditionsAreToldApartByTheirType) {
  ASSERT_TRUE(writes_.put(json(web)));
  ASSERT_TRUE(apply("one", "{conditions: [{type: A, status: x}]}"));
  ASSERT_TRUE(apply("two", "{conditions: [{type: B, status: y}]}"));
  EXPECT_EQ(status(), R"({"conditions":[{"type":"A","status":"x"},{"type":"B","status":"y"}]})");
  ASSERT_TRUE(apply("one", "{conditions: [{type: A, status: z}]}"));
  EXPECT_EQ(status(), R"({"conditions":[{"type":"A","status":"z"},{"type":"B","status":"y"}]})");
}

TEST_F(WritesTest, AMergePatchReplacesListsAndRemovesNulls) {
  ASSERT_TRUE(writes_.put(json("{apiVersion: v1, kind: ConfigMap, metadata: {name: web}, list: [1, 2], gone: 1}")));
  const Place here{.kind = store_.find("", "v1", "configmaps"), .namespace_ = "default", .name = "web"};
  const auto written = writes_.patch(here, PatchType::merge, json("{list: [3], gone: null}"), "m", false);
  ASSERT_TRUE(written);
  EXPECT_EQ(written->object->json.find("list")->written(), "[3]");
  EXPECT_EQ(written->object->json.find("gone"), nullptr);
}

}  // namespace
}  // namespace sallyport::fake_api
