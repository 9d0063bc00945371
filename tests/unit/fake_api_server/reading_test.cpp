// SPDX-License-Identifier: Apache-2.0
// What the fake API server makes of paths, selectors, patterns and Accept fields.

#include <gtest/gtest.h>

#include "fake_api_server/negotiation.hpp"
#include "fake_api_server/rules.hpp"
#include "fake_api_server/selector.hpp"
#include "fake_api_server/target.hpp"

namespace sallyport::fake_api {
namespace {

bool fits(std::string_view selector, const Labels& labels) {
  const auto parsed = LabelSelector::parse(selector);
  EXPECT_TRUE(parsed) << selector;
  return parsed && parsed->fits(labels);
}

TEST(LabelSelector, FitsAsTheApiServerSays) {
  const Labels labels{{"team", "x"}, {"tier", "front"}};
  for (const char* const yes : {"", "team=x", "team==x", "team!=y", "other!=y", "team", "!other", "team in (x, y)",
                                "team notin (y)", "other notin (y)", "team=x,tier in (front,back),!other"}) {
    EXPECT_TRUE(fits(yes, labels)) << yes;
  }
  for (const char* const no :
       {"team=y", "team!=x", "other", "!team", "team in (y)", "team notin (x)", "other in (x)", "team=x,tier=back"}) {
    EXPECT_FALSE(fits(no, labels)) << no;
  }
  for (const char* const bad : {"=x", "team in (x", "team of (x)", "a b"}) {
    EXPECT_FALSE(LabelSelector::parse(bad)) << bad;
  }
}

std::string described(std::string_view path) {
  const Target target = read_target(path);
  if (target.what != Target::What::object) return std::to_string(static_cast<int>(target.what));
  return target.group + "|" + target.version + "|" + target.namespace_ + "|" + target.plural + "|" + target.name + "|" +
         target.subresource;
}

TEST(Target, IsReadFromAPath) {
  EXPECT_EQ(described("/api/v1/services"), "|v1||services||");
  EXPECT_EQ(described("/api/v1/namespaces"), "|v1||namespaces||");
  EXPECT_EQ(described("/api/v1/namespaces/shop"), "|v1||namespaces|shop|");
  EXPECT_EQ(described("/api/v1/namespaces/shop/status"), "|v1||namespaces|shop|status");
  EXPECT_EQ(described("/api/v1/namespaces/shop/services"), "|v1|shop|services||");
  EXPECT_EQ(described("/apis/networking.k8s.io/v1/namespaces/shop/ingresses/web/status"),
            "networking.k8s.io|v1|shop|ingresses|web|status");
  EXPECT_EQ(read_target("/api").what, Target::What::core);
  EXPECT_EQ(read_target("/apis/").what, Target::What::groups);
  EXPECT_EQ(read_target("/apis/apps").what, Target::What::group);
  EXPECT_EQ(read_target("/apis/apps/v1").what, Target::What::versions);
  EXPECT_EQ(read_target("/").what, Target::What::unknown);
  EXPECT_EQ(read_target("/metrics").what, Target::What::unknown);
}

TEST(Pattern, StarsStandForAnyText) {
  EXPECT_TRUE(fits_pattern("list /api/v1/services", "list /api/v1/services"));
  EXPECT_TRUE(fits_pattern("list *services*", "list /api/v1/services?limit=1"));
  EXPECT_TRUE(fits_pattern("*", ""));
  EXPECT_TRUE(fits_pattern("a*b*c", "axbybzc"));
  EXPECT_FALSE(fits_pattern("a*b", "ab "));
  EXPECT_FALSE(fits_pattern("list", "lists"));
}

TEST(Accept, TheFirstThatIsServedCounts) {
  EXPECT_EQ(wanted_form(""), Wanted::whole);
  EXPECT_EQ(wanted_form("application/vnd.kubernetes.protobuf, application/json"), Wanted::whole);
  EXPECT_EQ(wanted_form("application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json"),
            Wanted::metadata_list);
  EXPECT_EQ(wanted_form("application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"), Wanted::metadata);
  EXPECT_EQ(wanted_form("application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"), Wanted::discovery);
  EXPECT_EQ(wanted_form("text/html"), Wanted::unknown);
}

}  // namespace
}  // namespace sallyport::fake_api
