// SPDX-License-Identifier: Apache-2.0
#include "sources/api_server/lease_record.hpp"

#include <gtest/gtest.h>

namespace sallyport::sources::api_server {
namespace {

const LeaseRecord whole{.resource_version = "41",
                        .holder = "gate-7_0a",
                        .duration_seconds = 15,
                        .acquire_time = "2026-05-04T03:02:01.000007Z",
                        .renew_time = "2026-05-04T03:03:01.000000Z",
                        .transitions = 3};

TEST(LeaseRecord, IsReadFromAnAnswer) {
  const auto read = parse_lease(R"({
    "kind": "Lease", "apiVersion": "coordination.k8s.io/v1",
    "metadata": {"name": "sallyport", "namespace": "gate", "resourceVersion": "41", "managedFields": []},
    "spec": {"holderIdentity": "gate-7_0a", "leaseDurationSeconds": 15, "leaseTransitions": 3, "strategy": "OldestEmulationVersion",
             "acquireTime": "2026-05-04T03:02:01.000007Z", "renewTime": "2026-05-04T03:03:01.000000Z"}})");
  ASSERT_TRUE(read) << read.error().detail;
  EXPECT_EQ(*read, whole);
}

TEST(LeaseRecord, WhatIsMissingIsEmpty) {
  EXPECT_EQ(*parse_lease(R"({"metadata": {"resourceVersion": "1"}})"), LeaseRecord{.resource_version = "1"});
  EXPECT_EQ(*parse_lease(R"({"metadata": {"resourceVersion": "1"}, "spec": {"holderIdentity": null}})"),
            LeaseRecord{.resource_version = "1"});
}

TEST(LeaseRecord, WhatCannotBeReadIsNoFreeLease) {
  const auto mistake = [](std::string_view json) { return parse_lease(json).error().detail; };
  EXPECT_EQ(mistake(R"({"metadata": {"resourceVersion": "1"}, "spec": {"holderIdentity": 7}})"),
            "spec.holderIdentity is not a text");
  EXPECT_EQ(mistake(R"({"metadata": {"resourceVersion": "1"}, "spec": {"leaseTransitions": -1}})"),
            "spec.leaseTransitions is not a number that is not negative");
  EXPECT_EQ(mistake(R"({"metadata": {"resourceVersion": "1"}, "spec": []})"), "spec is not a map");
  EXPECT_EQ(mistake(R"({"metadata": {}})"), "metadata.resourceVersion is missing");
  EXPECT_EQ(mistake("[]"), "no object");
  EXPECT_EQ(mistake(""), "not JSON: nothing is there");
  EXPECT_TRUE(mistake("{").starts_with("not JSON")) << mistake("{");
}

TEST(LeaseRecord, NewOneIsAWholeObject) {
  EXPECT_EQ(
      new_lease_text("gate", "sallyport", whole),
      R"({"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"namespace":"gate","name":"sallyport"},)"
      R"("spec":{"holderIdentity":"gate-7_0a","leaseDurationSeconds":15,"acquireTime":"2026-05-04T03:02:01.000007Z",)"
      R"("renewTime":"2026-05-04T03:03:01.000000Z","leaseTransitions":3}})");
}

TEST(LeaseRecord, PatchNamesTheVersionThatItWasMadeFrom) {
  const std::string patch = lease_patch_text(whole);
  EXPECT_TRUE(patch.starts_with(R"({"metadata":{"resourceVersion":"41"},"spec":{"holderIdentity":"gate-7_0a",)"))
      << patch;
  EXPECT_EQ(*parse_lease(patch), whole);
}

}  // namespace
}  // namespace sallyport::sources::api_server
