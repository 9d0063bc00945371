// SPDX-License-Identifier: Apache-2.0
#include "commands/read_cluster.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "base/text.hpp"
#include "commands/check_report.hpp"
#include "control/settings.hpp"
#include "kube/base64.hpp"
#include "kube/reader.hpp"
#include "support/loop_test.hpp"
#include "support/pki.hpp"
#include "support/scripted_cluster.hpp"

namespace sallyport::commands {
namespace {

using sources::api_server::ApiServerSource;
using sources::api_server::SourceSettings;

class ReadClusterTest : public support::LoopTest {
 protected:
  Result<SourceReading> read(net::Duration patience = net::Duration(30'000)) {
    SourceSettings settings;
    settings.pace.first_wait = settings.pace.longest_wait = net::Duration(1);
    ApiServerSource source(loop_, api_, std::move(settings));
    return read_source(loop_, source, engine_, patience);
  }
  static std::string secured(std::string_view secret) {
    return text::cat(R"(,"spec":{"ingressClassName":"sallyport","tls":[{"hosts":["a.example.com"],"secretName":")",
                     secret,
                     R"("}],"rules":[{"host":"a.example.com","http":{"paths":[{"path":"/","pathType":"Prefix",)",
                     R"("backend":{"service":{"name":"web","port":{"number":80}}}}]}}]})");
  }
  std::string verdict(const Result<SourceReading>& reading, std::string_view name) {
    for (const control::StatusPtr& status : reading->outcome.changed) {
      if (status->origin.object.name == name) return std::string(dialects::to_text(status->verdict));
    }
    return {};
  }

  support::ScriptedCluster cluster_;
  support::ScriptedApi api_{loop_, [this](const auto& ask) { return cluster_.answer(ask); }};
  control::Engine engine_{control::Settings()};
};

TEST_F(ReadClusterTest, HasAllObjectsAndTheSecretsThatTheyReferTo) {
  const support::Issued pair = support::self_signed({.names = "DNS:a.example.com"});
  cluster_.put("services", "shop", "web", R"(,"spec":{"ports":[{"port":80}]})");
  cluster_.put("ingresses", "shop", "a", secured("tls"));
  cluster_.put("secrets", "shop", "tls",
               text::cat(R"(,"type":"kubernetes.io/tls","data":{"tls.crt":")", kube::encode_base64(pair.certificate),
                         R"(","tls.key":")", kube::encode_base64(pair.key), "\"}"));
  cluster_.put("secrets", "shop", "other", R"(,"data":{})");
  const auto reading = read();
  ASSERT_TRUE(reading);
  EXPECT_EQ(verdict(reading, "tls"), "accepted");
  EXPECT_EQ(verdict(reading, "other"), "");
  EXPECT_EQ(reading->outcome.delta.certificates.changed.size(), 1U);
  EXPECT_EQ(reading->outcome.delta.rules.changed.size(), 1U);
}

TEST_F(ReadClusterTest, ASecretThatIsNotThereIsNotWaitedFor) {
  cluster_.put("services", "shop", "web", R"(,"spec":{"ports":[{"port":80}]})");
  cluster_.put("ingresses", "shop", "a", secured("none"));
  const auto reading = read();
  ASSERT_TRUE(reading);
  EXPECT_EQ(verdict(reading, "a"), "rejected");
}

TEST_F(ReadClusterTest, AnEmptyClusterIsRead) {
  const auto reading = read();
  ASSERT_TRUE(reading);
  EXPECT_TRUE(reading->outcome.changed.empty());
}

TEST_F(ReadClusterTest, AServerThatIsNotThereIsAnError) {
  cluster_.is_there = false;
  const auto reading = read();
  ASSERT_FALSE(reading);
  EXPECT_EQ(reading.error().detail, "no answer from the API server: connection refused");
}

TEST_F(ReadClusterTest, SoIsOneThatDoesNotGiveEverythingInTime) {
  cluster_.refusals["/api/v1/services"] = support::reply(503, "");
  const auto reading = read(net::Duration(1'000));  // in which the refusal comes, however busy the machine is
  ASSERT_FALSE(reading);
  EXPECT_EQ(reading.error().detail,
            "not everything came in time: broken (services): the API server is not able to answer: status 503");
}

TEST_F(ReadClusterTest, ASecretThatHangsIsNotBlamedOnAnother) {
  cluster_.put("services", "shop", "web", R"(,"spec":{"ports":[{"port":80}]})");
  cluster_.put("ingresses", "shop", "a", secured("tls"));
  cluster_.put("ingresses", "shop", "b", secured("other"));
  cluster_.put("secrets", "shop", "tls", R"(,"data":{})");
  cluster_.put("secrets", "shop", "other", R"(,"data":{})");
  cluster_.refusals["/api/v1/namespaces/shop/secrets/other"] = support::reply(403, "");
  cluster_.refusals["/api/v1/namespaces/shop/secrets/tls"] = support::open_reply();
  const auto reading = read(net::Duration(20));
  ASSERT_FALSE(reading);
  EXPECT_EQ(reading.error().detail, "not everything came in time");
}

// Gives a Service every tenth of a second, and is complete after a while.
class SlowSource final : public sources::Source, net::Timer {
 public:
  SlowSource(net::Loop& loop, int count) : loop_(loop), left_(count) {}

  Result<void> start(sources::OnChanges on_changes) override {
    on_changes_ = std::move(on_changes);
    wait();
    return {};
  }
  void reload() override {}
  bool has_read(const ObjectRef&) const override { return false; }

 private:
  void wait() { loop_.timers().arm(*this, net::Clock::now() + net::Duration(100)); }
  void fire() override {
    sources::Changes changes;
    changes.changed = kube::read_objects("x.yaml", text::cat("apiVersion: v1\nkind: Service\nmetadata: {name: web-",
                                                             --left_, ", namespace: shop}\n"))
                          .objects;
    changes.complete = left_ == 0;
    if (left_ != 0) wait();
    on_changes_(std::move(changes));
  }

  net::Loop& loop_;
  int left_;
  sources::OnChanges on_changes_;
};

TEST_F(ReadClusterTest, WhatComesSlowlyIsWaitedForAsLongAsMoreComes) {
  SlowSource source(loop_, 15);
  const auto reading = read_source(loop_, source, engine_, net::Duration(1'000));
  ASSERT_TRUE(reading) << reading.error().detail;
  EXPECT_EQ(reading->outcome.changed.size(), 15U);
}

TEST_F(ReadClusterTest, AKindThatIsForbiddenIsAProblem) {
  cluster_.refusals["/api/v1/services"] = support::reply(403, "");
  const auto reading = read();
  ASSERT_TRUE(reading);
  ASSERT_FALSE(reading->problems.empty());
  EXPECT_EQ(reading->problems[0].file, "services");
}

}  // namespace
}  // namespace sallyport::commands
