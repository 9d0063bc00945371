// SPDX-License-Identifier: Apache-2.0
#include "commands/told_back.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "kube/reader.hpp"
#include "support/loop_test.hpp"
#include "support/scripted_api.hpp"
#include "support/scripted_lease.hpp"

namespace sallyport::commands {
namespace {

using sources::api_server::Ask;
using sources::api_server::Verb;

class HandSource final : public sources::Source {
 public:
  Result<void> start(sources::OnChanges on_changes) override {
    give = std::move(on_changes);
    return {};
  }
  void reload() override {}
  bool has_read(const ObjectRef&) const override { return true; }

  sources::OnChanges give;
};

constexpr std::string_view objects = R"({"apiVersion": "v1", "kind": "List", "items": [
  {"apiVersion": "v1", "kind": "Service", "metadata": {"namespace": "shop", "name": "web", "resourceVersion": "3"},
   "spec": {"ports": [{"port": 80}]}},
  {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress",
   "metadata": {"namespace": "shop", "name": "web", "uid": "u-1", "resourceVersion": "7"},
   "spec": {"rules": [{"http": {"paths": [
     {"path": "/", "pathType": "Prefix", "backend": {"service": {"name": "web", "port": {"number": 80}}}},
     {"path": "/no", "pathType": "Prefix", "backend": {"service": {"name": "web", "port": {"number": 81}}}}]}}]}}]})";

// There is no Lease yet, and whatever is written is taken.
class ToldBackTest : public support::LoopTest {
 protected:
  support::ReplyPtr answer(const Ask& ask) {
    asked_.push_back(ask);
    if (!ask.target.contains("/leases")) return support::reply(ask.verb == Verb::post ? 201 : 200, "{}");
    return of_lease_ && ask.verb == Verb::get ? of_lease_ : lease_.answer(ask);
  }
  bool has_asked(Verb verb, std::string_view part) const {
    return std::ranges::any_of(asked_, [&](const Ask& ask) { return ask.verb == verb && ask.target.contains(part); });
  }
  void serve() {
    ASSERT_TRUE(control_.start());
    sources::Changes changes;
    changes.changed = kube::read_objects("x.json", objects).objects;
    changes.complete = true;
    source_.give(std::move(changes));
    control_.adopted({.version = control_.version()});
  }

  static control::Settings settings() {
    control::Settings settings;
    settings.publish_addresses = {"192.0.2.1"};
    return settings;
  }

  std::vector<Ask> asked_;
  support::ScriptedLease lease_;
  support::ReplyPtr of_lease_;  // what is said of it instead, if anything
  std::vector<std::string> lines_;
  support::ScriptedApi api_{loop_, [this](const Ask& ask) { return answer(ask); }};
  HandSource source_;
  control::LineSink sink_{[this](std::string line) { lines_.push_back(std::move(line)); }};
  ToldBack told_back_{sink_};
  control::Control control_{source_, told_back_, settings(), [](const model::Delta&) {}, [](const std::string&) {}};
};

TEST_F(ToldBackTest, WithoutAClusterThereAreLines) {
  serve();
  EXPECT_EQ(lines_.size(), 2U);
  EXPECT_FALSE(told_back_.figures());
  bool is_done = false;
  told_back_.stop([&] { is_done = true; });
  EXPECT_TRUE(is_done);
}

TEST_F(ToldBackTest, ClusterIsToldOfAddressesAndOfFindingsAsWell) {
  told_back_.begin(loop_, api_, {.namespace_ = "gate", .name = "sallyport"}, control_);
  serve();
  EXPECT_EQ(lines_.size(), 2U);
  ASSERT_TRUE(run_until([&] { return has_asked(Verb::patch, "/status") && has_asked(Verb::post, "/events"); }));
  const auto status = std::ranges::find_if(asked_, [](const Ask& ask) { return ask.target.contains("/status"); });
  EXPECT_TRUE(status->target.starts_with("/apis/networking.k8s.io/v1/namespaces/shop/ingresses/web/status"));
  EXPECT_TRUE(status->body.contains(R"({"ip":"192.0.2.1"})")) << status->body;
  // Of the Ingress, and of the Service, which has no endpoints.
  ASSERT_TRUE(run_until([&] { return told_back_.figures()->events.created == 2; }));
  const auto event =
      std::ranges::find_if(asked_, [](const Ask& ask) { return ask.body.contains(R"("reason":"PortNotFound")"); });
  ASSERT_NE(event, asked_.end());
  EXPECT_TRUE(event->target.contains("/events")) << event->target;
  EXPECT_TRUE(event->body.contains("spec.rules[0].http.paths[1].backend.service.port.number: ")) << event->body;
  EXPECT_TRUE(told_back_.figures()->leads);
  EXPECT_EQ(told_back_.figures()->statuses.written, 1U);

  bool is_done = false;
  told_back_.stop([&] { is_done = true; });
  ASSERT_TRUE(run_until([&] { return is_done; }));
  EXPECT_TRUE(asked_.back().body.contains(R"("holderIdentity":"")"));
}

TEST_F(ToldBackTest, OfWhatIsGoneBeforeThisReplicaLeadsThereIsNoEvent) {
  of_lease_ = support::open_reply();
  told_back_.begin(loop_, api_, {.namespace_ = "gate", .name = "sallyport"}, control_);
  serve();
  sources::Changes changes;
  changes.removed.push_back({.group = "networking.k8s.io", .kind = "Ingress", .namespace_ = "shop", .name = "web"});
  changes.complete = true;
  source_.give(std::move(changes));
  control_.adopted({.version = control_.version()});
  turn();
  EXPECT_FALSE(has_asked(Verb::post, "/events"));

  of_lease_->status = 404;
  of_lease_->finish();
  ASSERT_TRUE(run_until([&] { return told_back_.figures()->events.created == 1; }));
  turn();
  EXPECT_EQ(told_back_.figures()->events.created, 1U);
  EXPECT_TRUE(std::ranges::none_of(asked_, [](const Ask& ask) { return ask.body.contains("PortNotFound"); }));
}

// Nobody says where the gateway is reached: what its pods' nodes have is told.
class ToldBackOfNodesTest : public ToldBackTest {
 protected:
  support::ReplyPtr answer_of_nodes(const Ask& ask) {
    const std::string path = ask.target.substr(0, ask.target.find('?'));
    if (path == "/api/v1/nodes/node-1") {
      return support::reply(200, R"({"status":{"addresses":[{"type":"InternalIP","address":"10.0.0.1"}]}})");
    }
    if (!path.starts_with("/api/v1/namespaces/gate/pods")) return answer(ask);
    constexpr std::string_view pod =
        R"({"kind":"Pod","apiVersion":"v1","metadata":{"name":"one","namespace":"gate","resourceVersion":"2",
        "labels":{"app":"gate"}},"spec":{"nodeName":"node-1"},
        "status":{"conditions":[{"type":"Ready","status":"True"}]}})";
    if (path.ends_with("/one")) return support::reply(200, std::string(pod));
    if (ask.target.contains("watch=true&allowWatchBookmarks=true&sendInitialEvents")) return support::reply(400, "{}");
    if (ask.target.contains("watch=true")) return support::open_reply();
    return support::reply(200, text::cat(R"({"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"3"},)",
                                         R"("items":[)", pod, "]}"));
  }

  support::ScriptedApi api_of_nodes_{loop_, [this](const Ask& ask) { return answer_of_nodes(ask); }};
  control::Control control_of_nodes_{source_, told_back_, control::Settings(), [](const model::Delta&) {},
                                     [](const std::string&) {}};
};

TEST_F(ToldBackOfNodesTest, IngressesListThemOnceTheyAreFoundOut) {
  told_back_.begin(loop_, api_of_nodes_, {.namespace_ = "gate", .name = "sallyport"}, control_of_nodes_,
                   sources::api_server::OwnPod{.namespace_ = "gate", .name = "one"});
  ASSERT_TRUE(control_of_nodes_.start());
  sources::Changes changes;
  changes.changed = kube::read_objects("x.json", objects).objects;
  changes.complete = true;
  source_.give(std::move(changes));
  control_of_nodes_.adopted({.version = control_of_nodes_.version()});
  ASSERT_TRUE(run_until([&] { return has_asked(Verb::patch, "/status"); }));
  const auto status = std::ranges::find_if(asked_, [](const Ask& ask) { return ask.target.contains("/status"); });
  EXPECT_TRUE(status->body.contains(R"({"ip":"10.0.0.1"})")) << status->body;
  bool is_done = false;
  told_back_.stop([&] { is_done = true; });
  ASSERT_TRUE(run_until([&] { return is_done; }));
}

}  // namespace
}  // namespace sallyport::commands
