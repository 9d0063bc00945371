// SPDX-License-Identifier: Apache-2.0
#include "sources/api_server/resource.hpp"

#include <gtest/gtest.h>

namespace sallyport::sources::api_server {
namespace {

const kube::Kind& kind(std::string_view group, std::string_view name) { return *kube::find_kind(group, name); }

TEST(Resource, IsNamedAsRbacNamesIt) {
  EXPECT_EQ(name_of(kind("", "Service")), "services");
  EXPECT_EQ(name_of(kind("networking.k8s.io", "Ingress")), "ingresses.networking.k8s.io");
  EXPECT_EQ(text_of({.kind = &kind("", "Secret"), .namespace_ = "shop", .selector = {}}), "secrets in namespace shop");
}

TEST(Resource, PathsAreThoseOfTheApi) {
  EXPECT_EQ(collection(kind("", "Service"), ""), "/api/v1/services");
  EXPECT_EQ(collection(kind("networking.k8s.io", "Ingress"), "shop"),
            "/apis/networking.k8s.io/v1/namespaces/shop/ingresses");
  EXPECT_EQ(collection(kind("networking.k8s.io", "IngressClass"), "shop"), "/apis/networking.k8s.io/v1/ingressclasses");
  EXPECT_EQ(path_of(kind("", "Secret"), {"", "Secret", "shop", "a.b"}), "/api/v1/namespaces/shop/secrets/a.b");
}

TEST(Resource, QueriesAreEncoded) {
  const Resource resource{.kind = &kind("", "Namespace"), .namespace_ = {}, .selector = "team in (a,b)"};
  EXPECT_EQ(list_target(resource, 500, "x=&y"),
            "/api/v1/namespaces?limit=500&continue=x%3d%26y&labelSelector=team%20in%20%28a%2cb%29");
  EXPECT_EQ(watch_target({.kind = &kind("", "Service"), .namespace_ = {}, .selector = {}}, "17", 40),
            "/api/v1/services?watch=true&allowWatchBookmarks=true&timeoutSeconds=40&resourceVersion=17");
}

}  // namespace
}  // namespace sallyport::sources::api_server
