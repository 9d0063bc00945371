// SPDX-License-Identifier: Apache-2.0
// Several replicas against one cluster: of statuses and Events there is never more than one writer, and none fights
// another.

#include "sources/api_server/cluster_writes.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "sources/api_server/identity.hpp"
#include "support/loop_test.hpp"
#include "support/scripted_api.hpp"
#include "support/scripted_lease.hpp"
#include "unit/sources/api_server/cluster_objects.hpp"

namespace sallyport::sources::api_server {
namespace {

using support::reply;
using support::ReplyPtr;

// A Lease and an Ingress, whose versions count, and Events by name. It notes who writes what.
class Cluster {
 public:
  struct Write {
    std::string by;
    std::string what;  // "status 192.0.2.1", "event"
    bool by_holder = false;
  };

  ReplyPtr answer(const std::string& by, const Ask& ask) {
    ++asked;
    if (ask.target.contains("/leases")) return lease.answer(ask);
    if (ask.target.contains("/events")) return note_event(by, ask);
    return answer_status(by, ask);
  }
  kube::ObjectPtr ingress() const { return object_of(ingress_text(ingress_version_, status_)); }

  std::function<void()> on_change;  // what a watch would tell
  support::ScriptedLease lease;
  std::vector<Write> writes;
  int asked = 0;

 private:
  ReplyPtr note_event(const std::string& by, const Ask& ask) {
    if (ask.verb == Verb::post && !events_.insert(ask.body.substr(ask.body.find("web."), 36)).second) {
      return reply(409, "{}");
    }
    note(by, "event");
    return reply(201, "{}");
  }
  ReplyPtr answer_status(const std::string& by, const Ask& ask) {
    if (!ask.body.contains(text::cat("\"resourceVersion\":\"", ingress_version_, "\""))) return reply(409, "{}");
    const auto ip = ask.body.find("192.0.2.");
    const std::string address = ask.body.substr(ip, 9);
    status_ = at(address);
    ++ingress_version_;
    note(by, "status " + address);
    if (on_change) on_change();
    return reply(200, ingress_text(ingress_version_, status_));
  }
  void note(const std::string& by, std::string what) {
    writes.push_back({by, std::move(what), lease.record && lease.record->holder == by});
  }

  int ingress_version_ = 1;
  std::string status_ = "{}";
  std::set<std::string> events_;
};

class ClusterWritesTest : public support::LoopTest {
 protected:
  struct Replica {
    Replica(net::Loop& loop, Cluster& cluster, std::string name)
        : identity(std::move(name)),
          api(loop, [&cluster, this](const Ask& ask) { return cluster.answer(identity, ask); }),
          writes(loop, api, {.namespace_ = "gate", .name = "sallyport"},
                 {.identity = identity, .retry = net::Duration(3)}, [](const std::string&, bool) {}) {}

    std::string identity;
    support::ScriptedApi api;
    ClusterWrites writes;
  };

  ClusterWritesTest() {
    cluster_.on_change = [this] {
      loop_.post([this] {
        for (const auto& replica : replicas_) replica->writes.statuses().seen(cluster_.ingress());
      });
    };
  }

  Replica& start(const std::string& name, const std::string& address) {
    Replica& replica = *replicas_.emplace_back(std::make_unique<Replica>(loop_, cluster_, name));
    Published told = published(cluster_.ingress(), LoadBalancer{.addresses = {address}});
    replica.writes.statuses().write(told);
    told.verdict.kind = Verdict::Kind::rejected;
    told.verdict.reason = "InvalidHost";
    replica.writes.events().tell(told);
    replica.writes.start();
    return replica;
  }
  void stop(const Replica& replica) {
    bool is_done = false;
    const auto found = std::ranges::find(replicas_, &replica, &std::unique_ptr<Replica>::get);
    (*found)->writes.stop([&] { is_done = true; });
    ASSERT_TRUE(run_until([&] { return is_done; }));
    replicas_.erase(found);
  }
  bool stands(const std::string& address) {
    return run_until([&] { return addresses_in(*cluster_.ingress()) == Addresses{address}; });
  }
  std::size_t count(const std::string& what) const {
    return static_cast<std::size_t>(std::ranges::count(cluster_.writes, what, &Cluster::Write::what));
  }

  Cluster cluster_;
  std::vector<std::unique_ptr<Replica>> replicas_;
};

TEST_F(ClusterWritesTest, LeaderAloneWrites) {
  start("one", "192.0.2.1");
  ASSERT_TRUE(stands("192.0.2.1"));
  start("two", "192.0.2.1");
  start("three", "192.0.2.1");
  const int so_far = cluster_.asked;
  ASSERT_TRUE(run_until([&] { return cluster_.asked > so_far + 30; }));
  ASSERT_TRUE(run_until([&] { return count("event") == 1; }));
  for (const auto& write : cluster_.writes) EXPECT_EQ(write.by, "one");
  EXPECT_EQ(cluster_.writes.size(), 2U) << "one status and one Event";
}

TEST_F(ClusterWritesTest, TwoVersionsThatWantAnotherStatusDoNotFight) {
  const Replica& older = start("older", "192.0.2.1");
  ASSERT_TRUE(stands("192.0.2.1"));
  start("newer", "192.0.2.2");
  stop(older);
  ASSERT_TRUE(stands("192.0.2.2"));
  start("older again", "192.0.2.1");
  const int so_far = cluster_.asked;
  ASSERT_TRUE(run_until([&] { return cluster_.asked > so_far + 30; }));
  EXPECT_EQ(count("status 192.0.2.1"), 1U);
  EXPECT_EQ(count("status 192.0.2.2"), 1U);
}

TEST_F(ClusterWritesTest, HoweverOftenTheLeaseChangesHandsEachWriteIsItsHolders) {
  const Replica* leader = &start("replica-0", "192.0.2.1");
  ASSERT_TRUE(stands("192.0.2.1"));
  for (int flap = 1; flap <= 100; ++flap) {
    const std::string address = flap % 2 == 0 ? "192.0.2.1" : "192.0.2.2";
    const Replica* const next = &start(text::cat("replica-", flap), address);
    stop(*leader);
    ASSERT_TRUE(stands(address)) << flap;
    leader = next;
  }
  EXPECT_EQ(cluster_.lease.record->transitions, 100U);
  for (const auto& write : cluster_.writes) EXPECT_TRUE(write.by_holder) << write.by << ": " << write.what;
  EXPECT_EQ(cluster_.writes.size(), 101U + count("event"));
  EXPECT_EQ(count("event"), 1U) << "the same finding is the same Event";
}

TEST_F(ClusterWritesTest, NothingButTheLeaseIsAskedForWhenAllIsRight) {
  start("one", "192.0.2.1");
  ASSERT_TRUE(stands("192.0.2.1"));
  ASSERT_TRUE(run_until([&] { return count("event") == 1; }));
  const auto& asked = replicas_[0]->api.asked();
  const std::size_t so_far = asked.size();
  ASSERT_TRUE(run_until([&] { return asked.size() > so_far + 20; }));
  for (std::size_t at = so_far; at < asked.size(); ++at) EXPECT_TRUE(asked[at].contains("/leases/")) << asked[at];
}

TEST(Identity, IsAnotherEachTime) {
  const std::string one = new_identity();
  EXPECT_NE(one, new_identity());
  EXPECT_EQ(one.size() - one.rfind('_'), 17U);
}

}  // namespace
}  // namespace sallyport::sources::api_server
