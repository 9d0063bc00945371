// SPDX-License-Identifier: Apache-2.0
#include "sources/api_server/lease.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/loop_test.hpp"
#include "support/scripted_api.hpp"
#include "support/scripted_lease.hpp"

namespace sallyport::sources::api_server {
namespace {

using support::reply;
using support::ReplyPtr;

// An API server that keeps one Lease.
class LeaseServer {
 public:
  ReplyPtr answer(const Ask& ask) {
    asked.push_back(ask.verb);
    targets.push_back(ask.target);
    if (is_down) return nullptr;
    const ReplyPtr done = obey(ask);
    return loses_answers ? nullptr : done;
  }

  support::ScriptedLease lease;
  std::vector<Verb> asked;
  std::vector<std::string> targets;
  bool is_down = false;
  bool loses_answers = false;  // and does what it was asked for
  unsigned status = 0;

 private:
  ReplyPtr obey(const Ask& ask) {
    if (status != 0) return reply(status, R"({"kind": "Status", "message": "leases are not yours"})");
    return lease.answer(ask);
  }
};

class LeaseTest : public support::LoopTest {
 protected:
  ElectionSettings settings(std::string identity) {
    return {.identity = std::move(identity), .retry = net::Duration(5)};
  }
  std::unique_ptr<ClusterLease> replica(const std::string& identity) {
    return std::make_unique<ClusterLease>(
        loop_, api_, LeasePlace{.namespace_ = "gate", .name = "sallyport"}, settings(identity),
        [this](const std::string& line, bool bad) { lines_.push_back((bad ? "bad: " : "") + line); });
  }
  bool leads(const ClusterLease& lease) {
    return run_until([&] { return lease.held_until().has_value(); });
  }
  // What was asked for since there were so many.
  std::vector<Verb> asked_since(std::size_t so_far) const {
    return {server_.asked.begin() + static_cast<std::ptrdiff_t>(so_far), server_.asked.end()};
  }
  void give_back(ClusterLease& lease) {
    net::Task<void> giving = lease.give_back();
    giving.start();
    EXPECT_TRUE(run_until([&] { return giving.done(); }));
  }

  LeaseServer server_;
  support::ScriptedApi api_{loop_, [this](const Ask& ask) { return server_.answer(ask); }};
  std::vector<std::string> lines_;
};

using Lines = std::vector<std::string>;

TEST_F(LeaseTest, IsCreatedRenewedAndGivenBack) {
  const auto one = replica("one");
  one->start();
  ASSERT_TRUE(leads(*one));
  EXPECT_EQ(server_.targets.at(0), "/apis/coordination.k8s.io/v1/namespaces/gate/leases/sallyport");
  EXPECT_EQ(server_.targets.at(1), "/apis/coordination.k8s.io/v1/namespaces/gate/leases");
  EXPECT_EQ(lines_, Lines{"statuses and Events: this replica writes them (Lease gate/sallyport)"});
  const std::string created = server_.lease.record->renew_time;
  ASSERT_TRUE(run_until([&] { return server_.asked.size() >= 5; }));
  EXPECT_EQ(server_.asked.back(), Verb::patch) << "a leader does not read";
  EXPECT_NE(server_.lease.record->renew_time, created);

  give_back(*one);
  EXPECT_EQ(server_.lease.record->holder, "");
  EXPECT_FALSE(one->held_until());
}

TEST_F(LeaseTest, OtherReplicaLeadsOnceItIsGivenBack) {
  const auto one = replica("one");
  const auto two = replica("two");
  one->start();
  ASSERT_TRUE(leads(*one));
  two->start();
  ASSERT_TRUE(run_until([&] { return lines_.size() == 2; }));
  EXPECT_EQ(lines_.back(), "statuses and Events: one writes them");
  EXPECT_FALSE(two->held_until());
  give_back(*one);
  ASSERT_TRUE(leads(*two));
  EXPECT_EQ(server_.lease.record->transitions, 1U);
}

TEST_F(LeaseTest, EachStepIsTold) {
  int steps = 0;
  const auto one = replica("one");
  one->on_step([&] { ++steps; });
  one->start();
  EXPECT_TRUE(run_until([&] { return steps >= 4; }));
}

TEST_F(LeaseTest, WhatIsWrongIsToldOnceAndTriedAgain) {
  const auto one = replica("one");
  server_.status = 403;
  one->start();
  ASSERT_TRUE(run_until([&] { return server_.asked.size() >= 4; }));
  server_.status = 0;
  server_.is_down = true;
  const auto so_far = server_.asked.size();
  ASSERT_TRUE(run_until([&] { return server_.asked.size() >= so_far + 3; }));
  server_.is_down = false;
  ASSERT_TRUE(leads(*one));
  EXPECT_EQ(lines_,
            (Lines{"bad: Lease gate/sallyport: 403: leases are not yours (it needs the rights to get, create and "
                   "patch leases of coordination.k8s.io)",
                   "bad: Lease gate/sallyport: connection refused",
                   "statuses and Events: this replica writes them (Lease gate/sallyport)"}));
}

TEST_F(LeaseTest, LeaseOfAnotherTypeIsNotTaken) {
  support::ScriptedApi odd(loop_, [this](const Ask& ask) {
    server_.asked.push_back(ask.verb);
    return reply(200, R"({"metadata": {"resourceVersion": "1"}, "spec": {"holderIdentity": {}}})");
  });
  ClusterLease lease(loop_, odd, {.namespace_ = "gate", .name = "sallyport"}, settings("one"),
                     [this](const std::string& line, bool) { lines_.push_back(line); });
  lease.start();
  ASSERT_TRUE(run_until([&] { return server_.asked.size() >= 3; }));
  EXPECT_EQ(lines_, Lines{"Lease gate/sallyport: what the API server says of it cannot be read: spec.holderIdentity is "
                          "not a text"});
  for (const Verb verb : server_.asked) EXPECT_EQ(verb, Verb::get);
}

TEST_F(LeaseTest, GivenBackWhileAWriteIsUnderWayIsReadFirst) {
  ReplyPtr held;
  support::ScriptedApi slow(loop_, [&](const Ask& ask) {
    ReplyPtr answer = server_.answer(ask);
    if (ask.verb != Verb::patch || held != nullptr || !server_.lease.record) return answer;
    held = support::open_reply();  // it was done, but the answer does not come
    return held;
  });
  ClusterLease lease(loop_, slow, {.namespace_ = "gate", .name = "sallyport"}, settings("one"),
                     [](const std::string&, bool) {});
  lease.start();
  ASSERT_TRUE(run_until([&] { return held != nullptr; }));
  const auto so_far = server_.asked.size();
  give_back(lease);
  EXPECT_EQ(asked_since(so_far), (std::vector{Verb::get, Verb::patch}));
  EXPECT_EQ(server_.lease.record->holder, "");
}

TEST_F(LeaseTest, GivenBackAfterARenewalWhoseAnswerWasLostIsReadFirst) {
  const auto one = replica("one");
  one->start();
  ASSERT_TRUE(leads(*one));
  server_.loses_answers = true;
  const std::string version = server_.lease.record->resource_version;
  ASSERT_TRUE(run_until([&] { return server_.lease.record->resource_version != version; }));
  turn();
  server_.loses_answers = false;
  const auto so_far = server_.asked.size();
  give_back(*one);
  EXPECT_EQ(asked_since(so_far), (std::vector{Verb::get, Verb::patch}));
  EXPECT_EQ(server_.lease.record->holder, "");
}

TEST_F(LeaseTest, GivenBackAlsoWhereSomebodyElseHasChangedItSince) {
  const auto one = replica("one");
  one->start();
  ASSERT_TRUE(leads(*one));
  server_.lease.record->resource_version = "labelled";
  const auto so_far = server_.asked.size();
  give_back(*one);
  EXPECT_EQ(asked_since(so_far), (std::vector{Verb::patch, Verb::get, Verb::patch}));
  EXPECT_EQ(server_.lease.record->holder, "");
}

TEST_F(LeaseTest, WhatAnotherHasTakenSinceIsNotGivenBack) {
  const auto one = replica("one");
  one->start();
  ASSERT_TRUE(leads(*one));
  server_.lease.record->resource_version = "taken";
  server_.lease.record->holder = "two";
  give_back(*one);
  EXPECT_EQ(server_.lease.record->holder, "two");
}

}  // namespace
}  // namespace sallyport::sources::api_server
