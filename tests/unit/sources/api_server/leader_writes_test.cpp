// SPDX-License-Identifier: Apache-2.0
#include "sources/api_server/leader_writes.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "support/loop_test.hpp"
#include "support/scripted_api.hpp"
#include "unit/sources/api_server/cluster_objects.hpp"

namespace sallyport::sources::api_server {
namespace {

using net::Duration;
using support::reply;
using support::ReplyPtr;

struct HandLease final : Lease {
  std::optional<net::Time> held_until() const override { return until; }
  std::optional<net::Time> until;
};

// Writes as a test puts them in.
class Queue final : public Outgoing {
 public:
  void put(const std::string& name) {
    waiting.push_back(name);
    tell_news();
  }

  std::optional<Write> next(net::Time) override {
    if (waiting.empty()) return std::nullopt;
    Write write;
    write.ref = ingress_ref(waiting.front());
    write.ask.target = "/" + waiting.front();
    waiting.pop_front();
    return write;
  }
  void answered(const ObjectRef& ref, const Result<Answer>& answer, net::Time) override {
    answers.push_back(text::cat(ref.name, " ", answer ? answer->status : 0));
  }
  std::optional<net::Time> due() const override { return waiting.empty() ? std::nullopt : std::optional(net::Time()); }
  void lead() override { ++led; }

  std::deque<std::string> waiting;
  std::vector<std::string> answers;
  int led = 0;
};

class LeaderWritesTest : public support::LoopTest {
 protected:
  void hold(Duration left = Duration(10'000)) {
    lease_.until = net::Clock::now() + left;
    writes_.look();
  }

  HandLease lease_;
  Queue first_;
  Queue second_;
  std::vector<Ask> asked_;
  std::vector<ReplyPtr> held_;
  bool holds_answers_ = false;
  unsigned status_ = 200;
  support::ScriptedApi api_{loop_, [this](const Ask& ask) {
                              asked_.push_back(ask);
                              if (!holds_answers_) return reply(status_, "{}");
                              held_.push_back(support::open_reply());
                              return held_.back();
                            }};
  LeaderWrites writes_{loop_, api_, lease_, {&first_, &second_}};
};

using Texts = std::vector<std::string>;

TEST_F(LeaderWritesTest, NothingIsWrittenWithoutTheLease) {
  first_.put("a");
  turn();
  EXPECT_TRUE(asked_.empty());
  hold();
  EXPECT_TRUE(run_until([&] { return first_.answers == Texts{"a 200"}; }));
}

TEST_F(LeaderWritesTest, WhoLeadsAnewBeginsAnew) {
  hold();
  turn();
  EXPECT_EQ(first_.led, 1);
  hold();  // renewed
  turn();
  EXPECT_EQ(first_.led, 1);
  lease_.until.reset();
  writes_.look();
  turn();
  hold();
  turn();
  EXPECT_EQ(first_.led, 2);
  EXPECT_EQ(second_.led, 2);
}

TEST_F(LeaderWritesTest, WriteMayTakeNoLongerThanTheLeaseHoldsOnEitherSide) {
  hold(Duration(3'500));
  first_.put("a");
  ASSERT_TRUE(run_until([&] { return asked_.size() == 1; }));
  EXPECT_LE(asked_[0].patience, Duration(3'500));
  EXPECT_GT(asked_[0].patience, LeaderWrites::shortest_write);
  EXPECT_TRUE(asked_[0].target == "/a?timeout=3s" || asked_[0].target == "/a?timeout=2s") << asked_[0].target;
}

TEST_F(LeaderWritesTest, NoWriteBeginsShortlyBeforeTheEnd) {
  hold(Duration(900));
  first_.put("a");
  turn();
  EXPECT_TRUE(asked_.empty());
  hold();
  EXPECT_TRUE(run_until([&] { return asked_.size() == 1; }));
}

TEST_F(LeaderWritesTest, FewAreUnderWayAtATimeAndTheFirstQueueGoesFirst) {
  holds_answers_ = true;
  for (const char* const name : {"1", "2"}) second_.put(name);
  for (const char* const name : {"a", "b", "c", "d", "e"}) first_.put(name);
  hold();
  ASSERT_TRUE(run_until([&] { return asked_.size() == LeaderWrites::most_under_way; }));
  turn();
  EXPECT_EQ(writes_.under_way(), LeaderWrites::most_under_way);
  Texts targets;
  for (const Ask& ask : asked_) targets.push_back(ask.target.substr(0, 2));
  EXPECT_EQ(targets, (Texts{"/a", "/b", "/c", "/d"}));
  held_[2]->add("{}").finish();
  ASSERT_TRUE(run_until([&] { return asked_.size() == 5; }));
  EXPECT_EQ(first_.answers, Texts{"c 200"});
}

TEST_F(LeaderWritesTest, AllPauseWhenTheServerIsTooBusy) {
  hold();
  status_ = 503;
  first_.put("a");
  ASSERT_TRUE(run_until([&] { return first_.answers.size() == 1; }));
  status_ = 200;
  second_.put("b");
  turn();
  EXPECT_TRUE(second_.answers.empty());
  EXPECT_TRUE(run_until([&] { return second_.answers.size() == 1; })) << "by itself, after the pause";
}

TEST_F(LeaderWritesTest, WritesThatLoseOneConnectionAreOneFailure) {
  holds_answers_ = true;
  for (const char* const name : {"a", "b", "c", "d"}) first_.put(name);
  hold();
  ASSERT_TRUE(run_until([&] { return asked_.size() == LeaderWrites::most_under_way; }));
  for (const ReplyPtr& held : held_) held->finish(support::Reply::End::broken);
  ASSERT_TRUE(run_until([&] { return first_.answers.size() == 4; }));
  EXPECT_EQ(writes_.failures(), 1U);
}

TEST_F(LeaderWritesTest, NobodyPausesForTheErrorOfOneObject) {
  hold();
  status_ = 500;
  first_.put("a");
  ASSERT_TRUE(run_until([&] { return first_.answers.size() == 1; }));
  status_ = 200;
  second_.put("b");
  turn();
  EXPECT_EQ(second_.answers, Texts{"b 200"});
}

TEST_F(LeaderWritesTest, StopWaitsForWhatIsUnderWay) {
  holds_answers_ = true;
  hold();
  first_.put("a");
  ASSERT_TRUE(run_until([&] { return asked_.size() == 1; }));
  bool is_done = false;
  writes_.stop([&] { is_done = true; });
  first_.put("b");
  turn();
  EXPECT_FALSE(is_done);
  held_[0]->add("{}").finish();
  EXPECT_TRUE(run_until([&] { return is_done; }));
  EXPECT_EQ(asked_.size(), 1U);
}

TEST_F(LeaderWritesTest, StopWithoutAnythingUnderWayIsDoneAtOnce) {
  bool is_done = false;
  writes_.stop([&] { is_done = true; });
  EXPECT_TRUE(run_until([&] { return is_done; }));
}

}  // namespace
}  // namespace sallyport::sources::api_server
