// SPDX-License-Identifier: Apache-2.0
#include "commands/doubtful_options.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace sallyport::commands {
namespace {

using Sentences = std::vector<std::string>;

ObjectRef gate() { return {.group = "", .kind = "Service", .namespace_ = "edge", .name = "gate"}; }

struct Unwritten : testing::Test {
  Sentences said() const { return unwritten(settings, cluster, access); }

  control::Settings settings;
  ClusterOptions cluster;
  sources::api_server::AccessSettings access;
};

TEST(DoubtfulOptions, NamespaceOfThePublishedServiceIsToBeRead) {
  control::Settings settings;
  settings.publish_service = gate();
  ClusterOptions cluster;
  EXPECT_EQ(doubtful_options(settings, cluster), Sentences{});
  cluster.namespaces = {"shop"};
  EXPECT_EQ(doubtful_options(settings, cluster),
            Sentences{"--publish-service: its namespace edge is none of --namespace, so nothing of it is ever known"});
  cluster.namespaces.emplace_back("edge");
  EXPECT_EQ(doubtful_options(settings, cluster), Sentences{});
}

TEST_F(Unwritten, WhoWantsNothingWrittenMissesNothing) {
  EXPECT_EQ(said(), Sentences{});
  cluster.lease = "off";
  access.in_pod = true;
  access.namespace_ = "edge";
  EXPECT_EQ(said(), Sentences{});
}

TEST_F(Unwritten, OutsideOfAPodALeaseIsToBeNamed) {
  settings.publish_addresses = {"192.0.2.1"};
  EXPECT_EQ(said(), Sentences{"--publish-address: no statuses are written outside of a pod, unless --lease "
                              "NAMESPACE/NAME says which Lease to take"});
  cluster.lease = "edge/gate";
  EXPECT_EQ(said(), Sentences{});
  cluster.lease.clear();
  settings.publish_addresses.clear();
  cluster.publish_nodes = true;
  ASSERT_EQ(said().size(), 1U);
  EXPECT_TRUE(said()[0].starts_with("--publish-nodes: ")) << said()[0];
}

TEST_F(Unwritten, WithoutALeaseNothingIsPublished) {
  settings.publish_service = gate();
  access.in_pod = true;
  access.namespace_ = "edge";
  EXPECT_EQ(said(), Sentences{}) << "the Lease is that of its namespace";
  cluster.lease = "off";
  EXPECT_EQ(said(), Sentences{"--publish-service: no statuses are written, for --lease is off"});
}

TEST_F(Unwritten, PodThatDoesNotKnowItsNamespaceHasNoLease) {
  access.in_pod = true;
  ASSERT_EQ(said().size(), 1U);
  EXPECT_TRUE(said()[0].starts_with("--lease: ")) << said()[0];
  cluster.lease = "edge/gate";
  EXPECT_EQ(said(), Sentences{});
}

}  // namespace
}  // namespace sallyport::commands
