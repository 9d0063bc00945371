// SPDX-License-Identifier: Apache-2.0
#include "sources/api_server/election.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "support/dice.hpp"

namespace sallyport::sources::api_server {
namespace {

using net::Duration;
using Do = Election::Do;

constexpr net::Time begin{std::chrono::hours(1)};
constexpr Duration second{1'000};

Election::Wall wall(net::Time now) {
  return Election::Wall(std::chrono::duration_cast<Election::Wall::duration>(now.time_since_epoch()));
}

// The Lease as an API server keeps it: one version after the other, and a write from an old one is refused.
struct Server {
  std::optional<LeaseRecord> lease;
  int version = 0;

  // Gives what is there now; nothing if it was refused.
  std::optional<LeaseRecord> write(const Election::Step& step) {
    const bool is_creation = step.what == Do::create;
    if (is_creation == lease.has_value()) return std::nullopt;
    if (!is_creation && lease->resource_version != step.record.resource_version) return std::nullopt;
    lease = step.record;
    lease->resource_version = std::to_string(++version);
    return lease;
  }
};

// One replica. Its steps are answered at once, unless dice say that a write is done and its answer comes late, or
// never.
class Replica {
 public:
  Replica(Server& server, std::string identity)
      : server_(server), identity_(std::move(identity)), election({.identity = identity_}, Chance(1)) {}

  // Takes every step that is due; none while it waits for an answer.
  void run(net::Time now) {
    if (late_ && now < late_->comes) return;
    if (const auto late = std::exchange(late_, std::nullopt)) election.was_written(late->lease, late->sent, now);
    while (const auto step = election.next(now, wall(now))) {
      ++asked;
      if (is_cut_off) {
        election.failed(now);
        continue;
      }
      if (step->what == Do::read) {
        server_.lease ? election.was_read(*server_.lease, now) : election.was_absent(now);
        continue;
      }
      const auto written = server_.write(*step);
      if (dice != nullptr && dice->one_in(5)) {
        election.failed(now);
      } else if (written && dice != nullptr && dice->one_in(5)) {
        late_ = {.lease = *written, .sent = now, .comes = now + Duration(100) * dice->below(140)};
        return;
      } else {
        written ? election.was_written(*written, now, now) : election.was_refused(now);
      }
    }
  }
  bool leads(net::Time now) const { return election.held_until(now).has_value(); }

  // Ends as a process does, whose last word may not arrive; another process is in its place.
  void end(net::Time now) {
    const auto record = election.release(wall(now));
    if (record && !is_cut_off) server_.write({.what = Do::update, .record = *record});
    late_.reset();
    election = Election({.identity = identity_ + std::to_string(++ended_)}, Chance(1));
  }

 private:
  struct Late {
    LeaseRecord lease;
    net::Time sent;
    net::Time comes;
  };

  Server& server_;
  std::string identity_;
  std::optional<Late> late_;
  int ended_ = 0;

 public:
  Election election;
  support::Dice* dice = nullptr;
  bool is_cut_off = false;
  int asked = 0;
};

// All replicas live through the time, a tenth of a second at a time.
void live(net::Time& now, Duration time, std::vector<Replica*> replicas) {
  for (const net::Time end = now + time; now < end; now += Duration(100)) {
    for (Replica* const replica : replicas) replica->run(now);
  }
}

TEST(Election, FirstReplicaCreatesTheLeaseAndLeads) {
  Server server;
  Replica one(server, "one");
  one.run(begin);
  EXPECT_TRUE(one.leads(begin));
  EXPECT_EQ(one.election.held_until(begin), begin + 10 * second);
  EXPECT_EQ(server.lease->holder, "one");
  EXPECT_EQ(server.lease->duration_seconds, 15U);
  EXPECT_EQ(server.lease->transitions, 0U);
  EXPECT_EQ(server.lease->acquire_time, "1970-01-01T01:00:00.000000Z");
}

TEST(Election, LeaderRenewsEveryTwoSecondsWithOneRequest) {
  Server server;
  Replica one(server, "one");
  net::Time now = begin;
  live(now, 1 * second, {&one});
  one.asked = 0;
  live(now, 60 * second, {&one});
  EXPECT_GE(one.asked, 60 / 2.5);
  EXPECT_LE(one.asked, 31);
  EXPECT_EQ(server.lease->acquire_time, "1970-01-01T01:00:00.000000Z");
  EXPECT_GT(server.lease->renew_time, server.lease->acquire_time);
  EXPECT_EQ(server.lease->transitions, 0U);
}

TEST(Election, OtherReplicaWaitsAndTakesOverWhenTheLeaseWasNotRenewedForItsDuration) {
  Server server;
  Replica one(server, "one");
  Replica two(server, "two");
  net::Time now = begin;
  live(now, 30 * second, {&one, &two});
  EXPECT_TRUE(one.leads(now));
  EXPECT_FALSE(two.leads(now));
  EXPECT_EQ(two.election.holder(), "one");

  const net::Time renewed = *one.election.held_until(now) - 10 * second;
  while (!two.leads(now)) live(now, Duration(100), {&two});
  EXPECT_GE(now, renewed + 15 * second);
  EXPECT_LE(now, renewed + 21 * second);
  EXPECT_EQ(server.lease->transitions, 1U);
}

TEST(Election, ClocksAreNotCompared) {
  Server server;
  server.lease = LeaseRecord{.resource_version = "7",
                             .holder = "far",
                             .duration_seconds = 15,
                             .acquire_time = "2001-01-01T00:00:00.000000Z",
                             .renew_time = "2001-01-01T00:00:00.000000Z"};
  Replica one(server, "one");
  net::Time now = begin;
  live(now, 14 * second, {&one});
  EXPECT_FALSE(one.leads(now)) << "an old renewTime says nothing: the clock there may be slow";
  live(now, 5 * second, {&one});
  EXPECT_TRUE(one.leads(now));
}

TEST(Election, LeaseThatSaysHowLongItHoldsIsBelieved) {
  Server server;
  server.lease = LeaseRecord{.resource_version = "7", .holder = "patient", .duration_seconds = 60};
  Replica one(server, "one");
  net::Time now = begin;
  live(now, 59 * second, {&one});
  EXPECT_FALSE(one.leads(now));
  live(now, 5 * second, {&one});
  EXPECT_TRUE(one.leads(now));
}

TEST(Election, LeaseThatWasGivenBackIsTakenAtOnce) {
  Server server;
  Replica one(server, "one");
  Replica two(server, "two");
  net::Time now = begin;
  live(now, 10 * second, {&one, &two});
  const auto record = one.election.release(wall(now));
  ASSERT_TRUE(record);
  EXPECT_EQ(record->holder, "");
  EXPECT_EQ(record->duration_seconds, 1U);
  EXPECT_FALSE(one.leads(now));
  ASSERT_TRUE(server.write({.what = Do::update, .record = *record}));
  live(now, 3 * second, {&two});
  EXPECT_TRUE(two.leads(now));
  EXPECT_EQ(one.election.release(wall(now))->resource_version, record->resource_version);
}

TEST(Election, WhoIsNotTheHolderGivesNothingBack) {
  Server server;
  Replica one(server, "one");
  Replica two(server, "two");
  net::Time now = begin;
  live(now, 5 * second, {&one, &two});
  EXPECT_FALSE(two.election.release(wall(now)));
}

TEST(Election, LeaderThatCannotRenewStopsBeforeAnybodyMayTakeOver) {
  Server server;
  Replica one(server, "one");
  Replica two(server, "two");
  net::Time now = begin;
  live(now, 5 * second, {&one, &two});
  one.is_cut_off = true;
  bool was_both = false;
  for (int tenth = 0; tenth < 300; ++tenth) {
    live(now, Duration(100), {&one, &two});
    was_both = was_both || (one.leads(now) && two.leads(now));
  }
  EXPECT_FALSE(was_both);
  EXPECT_FALSE(one.leads(now));
  EXPECT_TRUE(two.leads(now));

  one.is_cut_off = false;
  live(now, 20 * second, {&one, &two});
  EXPECT_FALSE(one.leads(now));
  EXPECT_EQ(one.election.holder(), "two");
}

TEST(Election, LeaderThatComesBackBeforeAnybodyTookOverLeadsOn) {
  Server server;
  Replica one(server, "one");
  net::Time now = begin;
  live(now, 5 * second, {&one});
  one.is_cut_off = true;
  live(now, 12 * second, {&one});
  EXPECT_FALSE(one.leads(now));
  one.is_cut_off = false;
  live(now, 3 * second, {&one});
  EXPECT_TRUE(one.leads(now));
  EXPECT_EQ(server.lease->transitions, 0U);
  EXPECT_EQ(server.lease->acquire_time, "1970-01-01T01:00:00.000000Z");
}

TEST(Election, RenewalCountsFromWhenItWasSent) {
  Election election({.identity = "one"});
  election.was_absent(begin);
  ASSERT_EQ(election.next(begin, wall(begin))->what, Do::create);
  const net::Time answered = begin + 4 * second;
  election.was_written({.resource_version = "1", .holder = "one", .duration_seconds = 15}, begin, answered);
  EXPECT_EQ(election.held_until(answered), begin + 10 * second);
}

TEST(Election, WriteWithoutAnAnswerIsFollowedByARead) {
  Election election({.identity = "one"});
  election.was_absent(begin);
  ASSERT_EQ(election.next(begin, wall(begin))->what, Do::create);
  election.failed(begin);
  EXPECT_FALSE(election.next(begin, wall(begin)));
  const net::Time later = election.next_try();
  EXPECT_EQ(election.next(later, wall(later))->what, Do::read);
  election.was_read({.resource_version = "1", .holder = "one", .duration_seconds = 15}, later);
  EXPECT_FALSE(election.held_until(later)) << "only an answer to a write of ours says that we lead";
  EXPECT_EQ(election.next(later, wall(later))->what, Do::update);
}

TEST(Election, OfTwoThatTakeAFreeLeaseOneIsRefused) {
  Server server;
  server.lease = LeaseRecord{.resource_version = "7"};
  Election one({.identity = "one"});
  Election two({.identity = "two"});
  for (Election* const election : {&one, &two}) {
    ASSERT_EQ(election->next(begin, wall(begin))->what, Do::read);
    election->was_read(*server.lease, begin);
  }
  const auto ones = one.next(begin, wall(begin));
  const auto twos = two.next(begin, wall(begin));
  ASSERT_EQ(ones->what, Do::update);
  ASSERT_EQ(twos->what, Do::update);
  const auto written = server.write(*ones);
  ASSERT_TRUE(written);
  one.was_written(*written, begin, begin);
  EXPECT_FALSE(server.write(*twos));
  two.was_refused(begin);
  EXPECT_TRUE(one.held_until(begin));
  EXPECT_FALSE(two.held_until(begin));
  EXPECT_EQ(two.next(two.next_try(), wall(begin))->what, Do::read);
}

TEST(Election, LeaseThatIsDeletedIsMadeAnewByItsHolderAndByNobodyElseBefore) {
  Server server;
  Replica one(server, "one");
  Replica two(server, "two");
  net::Time now = begin;
  live(now, 5 * second, {&one, &two});
  server.lease.reset();
  live(now, 1 * second, {&two});
  EXPECT_FALSE(two.leads(now));
  live(now, 10 * second, {&one, &two});
  EXPECT_TRUE(one.leads(now));
  server.lease.reset();
  live(now, 20 * second, {&two});
  EXPECT_TRUE(two.leads(now)) << "its holder does not come back";
}

TEST(Election, HoweverRepliesAreLostThereAreNeverTwoLeaders) {
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    support::Dice dice(seed);
    Server server;
    Replica one(server, "one");
    Replica two(server, "two");
    Replica three(server, "three");
    const std::vector<Replica*> all{&one, &two, &three};
    for (Replica* const replica : all) replica->dice = &dice;
    net::Time now = begin;
    int leaders_seen = 0;
    for (int tenth = 0; tenth < 3'000; ++tenth) {
      for (Replica* const replica : all) {
        if (dice.one_in(100)) replica->is_cut_off = !replica->is_cut_off;
        if (dice.one_in(replica->leads(now) ? 300 : 1000)) replica->end(now);
      }
      if (server.lease && dice.one_in(300)) server.lease->resource_version = std::to_string(++server.version);
      live(now, Duration(100), all);
      const int leaders = one.leads(now) + two.leads(now) + three.leads(now);
      leaders_seen += leaders;
      EXPECT_LE(leaders, 1) << "seed " << seed << ", after " << tenth << " tenths of a second";
    }
    EXPECT_GT(leaders_seen, 500);
  }
}

}  // namespace
}  // namespace sallyport::sources::api_server
