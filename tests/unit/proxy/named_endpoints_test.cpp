// SPDX-License-Identifier: Apache-2.0
#include "proxy/named_endpoints.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <vector>

#include "unit/proxy/named_test.hpp"

namespace sallyport::proxy {
namespace {

constexpr unsigned servfail = 2;
constexpr unsigned nxdomain = 3;

class NamedEndpointsTest : public NamedTest {
 protected:
  // What the name says is out of date now.
  void let_expire() { run_past(loop_.now() + names_settings_.resolver.most_ttl); }
  void make_short() { names_settings_.resolver.most_ttl = net::Duration(5); }
};

TEST_F(NamedEndpointsTest, ANameIsAskedForWhenItIsNeededAndConnectedTo) {
  Origin origin(loop_);
  Pool& pool = named_pool({named(origin)});
  turn();
  EXPECT_EQ(asked_, 0U);
  exchange(pool, origin);
  EXPECT_EQ(asked_, 2U);  // for both families
}

TEST_F(NamedEndpointsTest, ItIsAskedForOnceInItsTimeToLiveWhoeverNeedsIt) {
  Origin origin(loop_);
  Pool& pool = named_pool({named(origin)});
  std::vector<std::unique_ptr<Call>> calls;
  for (int i = 0; i < 20; ++i) {
    calls.push_back(get());
    calls.back()->start(pool);
  }
  run_until([&] { return origin.accepted() == calls.size(); });
  calls.clear();
  exchange(pool, origin, 20);
  EXPECT_EQ(asked_, 2U);
}

TEST_F(NamedEndpointsTest, PoolsOfOneWorkerShareWhatIsKnown) {
  Origin origin(loop_);
  exchange(named_pool({named(origin)}), origin);
  const std::shared_ptr<Pool> first = pool_;
  exchange(named_pool({named(origin)}), origin, 1);
  EXPECT_EQ(asked_, 2U);
  EXPECT_EQ(names_->size(), 1U);
}

TEST_F(NamedEndpointsTest, WhatNobodyHoldsIsForgotten) {
  Origin origin(loop_);
  Pool& pool = named_pool({named(origin)});
  pool.update({.id = "set", .endpoints = {}, .origin = {}, .names = {named(origin, "other.example.com")}});
  EXPECT_EQ(names_->size(), 1U);
  pool_.reset();
  EXPECT_EQ(names_->size(), 0U);
}

TEST_F(NamedEndpointsTest, OldAddressesServeWhileTheyAreAskedForAnew) {
  make_short();
  Origin origin(loop_);
  Pool& pool = named_pool({named(origin)});
  exchange(pool, origin);
  let_expire();
  silent_ = true;
  exchange(pool, origin, 0, 2);  // on the connection that is there
  run_until([&] { return asked_ > 2; });
}

TEST_F(NamedEndpointsTest, AlsoWhereNoOutageIsSatOut) {
  make_short();
  names_settings_.stale = net::Duration(0);
  Origin origin(loop_);
  Pool& pool = named_pool({named(origin)});
  exchange(pool, origin);
  let_expire();
  silent_ = true;
  exchange(pool, origin, 0, 2);
}

TEST_F(NamedEndpointsTest, NewAddressesAreTakenAndTheOldOnesLeft) {
  make_short();
  Origin one(loop_);
  Pool& pool = named_pool({named(one)});
  exchange(pool, one);
  rules_.allowed.push_back(*syntax::Cidr::parse("127.0.0.2/32"));
  addresses_ = {"127.0.0.2"};
  let_expire();
  // The first that finds it expired begins to ask; nobody listens at the other address.
  exchange(pool, one, 0, 2);
  run_until([&] { return asked_ == 4; });
  turn();
  EXPECT_EQ(failure(pool), Code::connect_failed);
  run_until([&] { return one.peer(0).over(); });  // what was kept is closed
}

TEST_F(NamedEndpointsTest, OldAddressesLastThroughAnOutageOfDns) {
  make_short();
  names_settings_.late = net::Duration(0);
  Origin origin(loop_);
  Pool& pool = named_pool({named(origin)});
  exchange(pool, origin);
  response_ = servfail;
  let_expire();
  exchange(pool, origin, 0, 2);
  response_ = 0;
  silent_ = true;
  let_expire();
  exchange(pool, origin, 0, 3);
}

// RFC 8767 5: what is known serves at once, while DNS is tried again beside it.
TEST_F(NamedEndpointsTest, OnceDnsHasFailedNobodyWaitsForIt) {
  make_short();
  names_settings_.late = net::Duration(0);
  names_settings_.wait = net::Duration(50);
  names_settings_.resolver.first_wait = std::chrono::hours(1);
  Origin origin(loop_);
  Pool& pool = named_pool({named(origin)});
  exchange(pool, origin);
  silent_ = true;
  let_expire();
  exchange(pool, origin, 0, 2);
  names_settings_.wait = std::chrono::hours(1);
  let_expire();
  const std::size_t before = asked_;
  exchange(pool, origin, 0, 3);
  run_until([&] { return asked_ > before; });
  exchange(pool, origin, 0, 4);
}

TEST_F(NamedEndpointsTest, ButNotForEver) {
  make_short();
  names_settings_.late = names_settings_.stale = net::Duration(0);
  Origin origin(loop_);
  Pool& pool = named_pool({named(origin)});
  exchange(pool, origin);
  response_ = servfail;
  let_expire();
  EXPECT_EQ(failure(pool), Code::name_unresolved);
}

TEST_F(NamedEndpointsTest, ThatThereIsNoSuchNameIsAnAnswer) {
  make_short();
  names_settings_.late = net::Duration(0);
  Origin origin(loop_);
  Pool& pool = named_pool({named(origin)});
  exchange(pool, origin);
  response_ = nxdomain;
  let_expire();
  EXPECT_EQ(failure(pool), Code::name_not_found);
  response_ = 0;
  run_past(loop_.now() + names_settings_.resolver.least_ttl);
  exchange(pool, origin, 1);
}

TEST_F(NamedEndpointsTest, NobodyKnowsAndNobodyAnswersEndsInTime) {
  Origin origin(loop_);
  Pool& pool = named_pool({named(origin)});
  response_ = servfail;
  EXPECT_EQ(failure(pool), Code::name_unresolved);
  run_past(loop_.now() + names_settings_.resolver.least_ttl);
  silent_ = true;
  EXPECT_EQ(failure(pool), Code::name_unresolved);
  EXPECT_EQ(pool.report().connect_failures, 2U);
  EXPECT_EQ(pool.report().connects, 0U);
}

TEST_F(NamedEndpointsTest, AnswersThatFailAreNotAskedForAgainAtOnce) {
  names_settings_.resolver.least_ttl = std::chrono::seconds(20);
  Origin origin(loop_);
  Pool& pool = named_pool({named(origin)});
  response_ = nxdomain;
  for (int i = 0; i < 5; ++i) EXPECT_EQ(failure(pool), Code::name_not_found);
  EXPECT_EQ(asked_, 2U);
}

TEST_F(NamedEndpointsTest, NoNameLeadsToAnAddressThatIsRefused) {
  Origin origin(loop_);
  for (const std::string address : {"127.0.0.2", "169.254.169.254", "::1", "0.0.0.0", "224.0.0.1", "fd00:ec2::254"}) {
    addresses_ = {address};
    Pool& pool = named_pool({named(origin, "host" + std::to_string(asked_) + ".example.com")});
    EXPECT_EQ(failure(pool), Code::address_refused) << address;
    EXPECT_EQ(pool.report().connects, 0U) << address;
    EXPECT_EQ(pool.report().connect_failures, 0U) << address;
  }
  EXPECT_EQ(origin.accepted(), 0U);
}

TEST_F(NamedEndpointsTest, AnAddressThatIsRefusedBesideOthersCostsNoAttempt) {
  addresses_ = {"127.0.0.1", "127.0.0.2", "127.0.0.3", "127.0.0.4", "127.0.0.5", "169.254.169.254"};
  Origin origin(loop_);
  Pool& pool = named_pool({named(origin)});
  for (std::size_t i = 1; i <= 5; ++i) exchange(pool, origin, 0, i);
  EXPECT_EQ(pool.report().connect_failures, 0U);
}

TEST_F(NamedEndpointsTest, AddressesThatAreListedBesideNamesServeWithoutThem) {
  silent_ = true;
  Origin origin(loop_);
  Pool& pool = named_pool({named(origin)}, {active(origin.address())});
  exchange(pool, origin);
}

TEST_F(NamedEndpointsTest, OneNameThatFailsLeavesTheOthers) {
  Origin origin(loop_);
  dns_.set_script([&](const support::DnsQuestion& question) {
    response_ = question.name == "a.example.com" ? nxdomain : 0;
    return answer(question);
  });
  Pool& pool = named_pool({named(origin, "a.example.com"), named(origin, "b.example.com")});
  exchange(pool, origin);
  exchange(pool, origin, 0, 2);
}

TEST_F(NamedEndpointsTest, TheFirstNameThatIsAnsweredWillDo) {
  names_settings_.wait = names_settings_.resolver.first_wait = std::chrono::hours(1);
  Origin origin(loop_);
  dns_.set_script([&](const support::DnsQuestion& question) {
    silent_ = question.name == "a.example.com";
    return answer(question);
  });
  Pool& pool = named_pool({named(origin, "a.example.com"), named(origin, "b.example.com")});
  exchange(pool, origin);
}

// Nobody listens at 127.0.0.2, so whether it is an endpoint shows in connects that fail.
TEST_F(NamedEndpointsTest, ANameThatIsTooOldIsNoEndpointBesideOthers) {
  constexpr net::Duration short_life(20);
  names_settings_.resolver.least_ttl = short_life;
  names_settings_.late = names_settings_.stale = net::Duration(0);
  rules_.allowed.push_back(*syntax::Cidr::parse("127.0.0.2/32"));
  bool is_moved = false;
  dns_.set_script([&](const support::DnsQuestion& question) {
    const bool is_moving = question.name == "b.example.com";
    ttl_ = is_moving ? 0 : 300;
    addresses_ = {is_moving && is_moved ? "127.0.0.2" : "127.0.0.1"};
    return answer(question);
  });
  Origin origin(loop_);
  Pool& pool = named_pool({named(origin, "a.example.com"), named(origin, "b.example.com")});
  std::size_t exchanges = 0;
  const auto exchange_until_one_fails_to_connect = [&] {
    const std::uint64_t before = pool.report().connect_failures;
    for (int i = 0; i < 10'000 && pool.report().connect_failures == before && !HasFatalFailure(); ++i) {
      exchange(pool, origin, 0, ++exchanges);
    }
    EXPECT_GT(pool.report().connect_failures, before);
  };
  exchange(pool, origin, 0, ++exchanges);
  is_moved = true;
  exchange_until_one_fails_to_connect();

  const auto script = dns_.script();
  dns_.set_script([&](const support::DnsQuestion& question) {
    return std::vector<std::string>{support::dns_answer(question, {}, {.response = servfail})};
  });
  run_past(loop_.now() + short_life);  // what was asked before is answered
  run_past(loop_.now() + short_life);
  const std::uint64_t before = pool.report().connect_failures;
  for (int i = 0; i < 10; ++i) exchange(pool, origin, 0, ++exchanges);
  EXPECT_EQ(pool.report().connect_failures, before);
  dns_.set_script(script);
  exchange_until_one_fails_to_connect();
}

TEST_F(NamedEndpointsTest, WhoGoesAwayWhileItWaitsLeavesOthersAlone) {
  silent_ = true;
  Origin origin(loop_);
  Pool& pool = named_pool({named(origin)});
  const auto gone = get();
  const auto stays = get();
  gone->start(pool);
  stays->start(pool);
  turn();
  gone->drop();
  silent_ = false;
  run_until([&] { return origin.asked(0); });  // a question was repeated
  stays->drop();
}

TEST_F(NamedEndpointsTest, APoolMayBeGivenOthersWhileSomebodyWaits) {
  silent_ = true;
  names_settings_.wait = names_settings_.resolver.first_wait = std::chrono::hours(1);
  Origin origin(loop_);
  Pool& pool = named_pool({named(origin)});
  const auto call = get();
  call->start(pool);
  turn();
  pool.update({.id = "set", .endpoints = {active(origin.address())}, .origin = {}});
  EXPECT_TRUE(run_until([&] { return origin.asked(0); }));
  call->drop();
}

}  // namespace
}  // namespace sallyport::proxy
