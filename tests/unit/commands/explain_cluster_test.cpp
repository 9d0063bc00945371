// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <sstream>
#include <string>

#include "base/text.hpp"
#include "commands/explain.hpp"
#include "commands/read_cluster.hpp"
#include "support/loop_test.hpp"
#include "support/scripted_cluster.hpp"

namespace sallyport::commands {
namespace {

using sources::api_server::ApiServerSource;
using sources::api_server::SourceSettings;

class ExplainClusterTest : public support::LoopTest {
 protected:
  ExplainClusterTest() {
    options_.cluster.is_wanted = true;
    options_.cluster.kubeconfig = "site.conf";
    options_.cluster.namespaces = {"shop", "bank"};
    options_.settings.loopback_endpoints = false;
    cluster_.put("services", "shop", "web", R"(,"spec":{"ports":[{"port":80}]})");
    cluster_.put("endpointslices", "shop", "web-1",
                 R"(,"addressType":"IPv4","ports":[{"port":8080}],"endpoints":[{"addresses":["10.1.2.3"]}])",
                 R"(,"labels":{"kubernetes.io/service-name":"web"})");
    put_ingress("shop", "/cart", "web");
  }

  void put_ingress(const std::string& name, std::string_view path, std::string_view service) {
    cluster_.put("ingresses", "shop", name,
                 text::cat(R"(,"spec":{"ingressClassName":"sallyport","rules":[{"host":"shop.test","http":{"paths":[)",
                           R"({"path":")", path, R"(","pathType":"Prefix","backend":{"service":{"name":")", service,
                           R"(","port":{"number":80}}}}]}}]})"));
  }
  int ask(const std::string& url, net::Duration patience = net::Duration(30'000)) {
    options_.asked.url = url;
    SourceSettings settings;
    settings.pace.first_wait = settings.pace.longest_wait = net::Duration(1);
    ApiServerSource source(loop_, api_, std::move(settings));
    control::Engine engine(options_.settings);
    const auto reading = read_source(loop_, source, engine, patience);
    return explain_reading(options_, reading, engine, out_, err_);
  }

  ExplainOptions options_;
  support::ScriptedCluster cluster_;
  support::ScriptedApi api_{loop_, [this](const auto& ask) { return cluster_.answer(ask); }};
  std::ostringstream out_;
  std::ostringstream err_;
};

TEST_F(ExplainClusterTest, NamesTheObjectOfTheClusterAndItsEndpoints) {
  EXPECT_EQ(ask("http://shop.test/cart/1"), 0);
  const std::string said = out_.str();
  EXPECT_NE(said.find("rule      Ingress shop/shop (spec.rules[0].http.paths[0])\n"), said.npos) << said;
  EXPECT_NE(said.find("            10.1.2.3:8080 active\n"), said.npos) << said;
  EXPECT_EQ(err_.str(), "");
}

TEST_F(ExplainClusterTest, WhatIsLeftOutIsCountedAndWhoTellsMoreIsNamed) {
  put_ingress("none", "/none", "none");
  cluster_.refusals["/api/v1/namespaces/shop/configmaps"] = support::reply(403, "");
  cluster_.refusals["/api/v1/configmaps"] = support::reply(403, "");
  EXPECT_EQ(ask("http://shop.test/none"), 1);
  EXPECT_EQ(err_.str(),
            "sallyport explain: 1 unreadable kind or object, 1 rejected object: see sallyport check "
            "--kubeconfig site.conf --namespace shop --namespace bank\n");
}

TEST_F(ExplainClusterTest, AServerThatIsNotThereGivesTwo) {
  cluster_.is_there = false;
  EXPECT_EQ(ask("http://shop.test/"), 2);
  EXPECT_EQ(out_.str(), "");
  EXPECT_EQ(err_.str(), "sallyport explain: no answer from the API server: connection refused\n");
}

}  // namespace
}  // namespace sallyport::commands
