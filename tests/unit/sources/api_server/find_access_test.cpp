// SPDX-License-Identifier: Apache-2.0
#include "sources/api_server/find_access.hpp"

#include <gtest/gtest.h>

#include <map>

#include "base/text.hpp"
#include "unit/sources/temporary_folder.hpp"

namespace sallyport::sources::api_server {
namespace {

class FindAccess : public testing::Test {
 protected:
  static std::string config(std::string_view host) {
    return text::cat("current-context: x\nclusters: [{name: c, cluster: {server: 'https://", host,
                     "'}}]\ncontexts: [{name: x, context: {cluster: c}}]\n");
  }
  void make_pod() {
    folder_.write("sa/token", "t");
    folder_.write("sa/ca.crt", "CA");
    folder_.write("sa/namespace", "shop\n");
    variables_["KUBERNETES_SERVICE_HOST"] = "10.96.0.1";
    variables_["KUBERNETES_SERVICE_PORT"] = "443";
  }
  Result<AccessSettings> find(std::string kubeconfig = {}) {
    return find_access({.kubeconfig = std::move(kubeconfig),
                        .service_account = folder_.path("sa"),
                        .environment = [this](const char* name) -> std::string_view { return variables_[name]; }});
  }
  std::string host_or_error(std::string kubeconfig = {}) {
    const Result<AccessSettings> found = find(std::move(kubeconfig));
    return found ? found->server.host : found.error().detail;
  }

  TemporaryFolder folder_;
  std::map<std::string, std::string> variables_;
};

TEST_F(FindAccess, WhatIsNamedComesFirstThenTheListThenThePodThenTheHomeDirectory) {
  EXPECT_EQ(
      host_or_error(),
      "there is no API server to be found: no kubeconfig was named, KUBECONFIG and KUBERNETES_SERVICE_HOST are not "
      "set");
  variables_["HOME"] = folder_.root();
  EXPECT_TRUE(host_or_error().ends_with(text::cat(", and there is no ", folder_.path(".kube/config"))));
  folder_.write(".kube/config", config("home"));
  EXPECT_EQ(host_or_error(), "home");
  make_pod();
  EXPECT_EQ(host_or_error(), "10.96.0.1");
  folder_.write("two", config("two"));
  folder_.write("three", config("three"));
  variables_["KUBECONFIG"] = text::cat(folder_.path("one"), ":", folder_.path("two"), ":", folder_.path("three"));
  EXPECT_EQ(host_or_error(), "two") << "one of the list may be missing";
  folder_.write("named", config("named"));
  EXPECT_EQ(host_or_error(folder_.path("named")), "named");
  EXPECT_EQ(host_or_error(folder_.path("none")), text::cat(folder_.path("none"), ": No such file or directory"));
}

TEST_F(FindAccess, APod) {
  make_pod();
  const Result<AccessSettings> found = find();
  ASSERT_TRUE(found) << found.error().detail;
  EXPECT_EQ(found->origin, "the pod's ServiceAccount");
  EXPECT_EQ(found->server.text(), "https://10.96.0.1");
  EXPECT_EQ(found->token_file, folder_.path("sa/token"));
  EXPECT_EQ(found->authority_file, folder_.path("sa/ca.crt"));
  EXPECT_EQ(found->namespace_, "shop");
  EXPECT_TRUE(found->verify);
}

TEST_F(FindAccess, APodOfAnIpv6Cluster) {
  make_pod();
  variables_["KUBERNETES_SERVICE_HOST"] = "fd00:10:96::1";
  variables_["KUBERNETES_SERVICE_PORT"] = "6443";
  EXPECT_EQ(find()->server.text(), "https://[fd00:10:96::1]:6443");
}

TEST_F(FindAccess, APodThatIsIncomplete) {
  make_pod();
  folder_.remove("sa/token");
  EXPECT_EQ(host_or_error(),
            text::cat(folder_.path("sa/token"), " is missing: the pod has no token of a ServiceAccount"));
  variables_["KUBERNETES_SERVICE_PORT"] = "x";
  EXPECT_EQ(host_or_error(), "KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT name no host and port");
}

TEST_F(FindAccess, AListOfWhichNothingIsThere) {
  variables_["KUBECONFIG"] = folder_.path("one");
  EXPECT_EQ(host_or_error(), text::cat("KUBECONFIG names no file that is there: ", folder_.path("one")));
}

TEST_F(FindAccess, WhatTheFilesLackNamesThem) {
  folder_.write("empty", "");
  EXPECT_EQ(host_or_error(folder_.path("empty")),
            text::cat(folder_.path("empty"),
                      ": the kubeconfig has no current-context, and no context was named: there is none"));
}

}  // namespace
}  // namespace sallyport::sources::api_server
