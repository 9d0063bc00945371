// SPDX-License-Identifier: Apache-2.0
#include "proxy/pool.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <cerrno>
#include <optional>
#include <vector>

#include "base/text.hpp"
#include "net/socket.hpp"
#include "unit/proxy/connects.hpp"
#include "unit/proxy/upstream_test.hpp"

namespace sallyport::proxy {
namespace {

class PoolTest : public UpstreamTest {
 protected:
  struct Leasing {
    Arena arena;
    http::Notes notes;
    Attempts attempts;
    std::optional<Result<Lease>> result;
    net::Task<void> task;
  };

  static net::Task<void> lease_it(Leasing& leasing, Pool& from) {
    const net::Time never = net::Time::max();
    leasing.result.emplace(co_await from.lease(leasing.attempts, Want::any, never, leasing.arena, leasing.notes));
  }

  // Which endpoint the next request goes to; the connection is not kept.
  std::optional<syntax::SocketAddress> next_of(Pool& from) {
    Leasing leasing;
    leasing.task = lease_it(leasing, from);
    leasing.task.start();
    run_until([&] { return leasing.result.has_value(); });
    last_attempts_ = leasing.attempts.made();
    last_error_.reset();
    if (!*leasing.result) last_error_ = leasing.result->error();
    return *leasing.result ? std::optional((*leasing.result)->endpoint().address()) : std::nullopt;
  }

  std::size_t last_attempts_ = 0;
  std::optional<Error> last_error_;
};

TEST_F(PoolTest, EndpointsTakeTurns) {
  Origin a(loop_), b(loop_), c(loop_);
  Pool& from = pool({active(a.address()), active(b.address()), active(c.address())});
  for (const Origin* expected : {&a, &b, &c, &a, &b}) EXPECT_EQ(next_of(from), expected->address());
}

TEST_F(PoolTest, TheFirstTurnIsTheOffsets) {
  Origin a(loop_), b(loop_), c(loop_);
  Pool& from = pool({active(a.address()), active(b.address()), active(c.address())}, 2);
  for (const Origin* expected : {&c, &a, &b}) EXPECT_EQ(next_of(from), expected->address());
}

TEST_F(PoolTest, OneThatIsOnItsWayOutServesOnlyWhenNoOtherIsLeft) {
  Origin a(loop_), b(loop_);
  Pool& from = pool({draining(a.address()), active(b.address())});
  for (int i = 0; i < 3; ++i) EXPECT_EQ(next_of(from), b.address());
  from.update({.endpoints = {draining(a.address()), draining(b.address())}});
  EXPECT_EQ(next_of(from), a.address());
  EXPECT_EQ(next_of(from), b.address());
  EXPECT_EQ(next_of(from), a.address());
}

TEST_F(PoolTest, OneThatIsOnItsWayOutServesWhenTheOthersCannotBeReached) {
  Origin a(loop_);
  Pool& from = pool({active(support::unused_address()), draining(a.address())});
  EXPECT_EQ(next_of(from), a.address());
  EXPECT_EQ(last_attempts_, 1U);
}

TEST_F(PoolTest, AConnectThatFailsIsTriedOnAnotherEndpointAtOnce) {
  Origin a(loop_);
  Pool& from = pool({active(support::unused_address()), active(a.address())});
  EXPECT_EQ(next_of(from), a.address());
  EXPECT_EQ(last_attempts_, 1U);
  EXPECT_EQ(from.report().connects, 2U);
  EXPECT_EQ(from.report().connect_failures, 1U);
}

TEST_F(PoolTest, AnEndpointIsTriedOnceForARequest) {
  const auto nobody = support::unused_address();
  Pool& from = pool({active(nobody)});
  EXPECT_EQ(next_of(from), std::nullopt);
  EXPECT_EQ(last_error_->code, Code::connect_failed);
  EXPECT_TRUE(last_error_->retry_safe);
  EXPECT_EQ(last_attempts_, 1U);
}

// As when a Service shrinks: those that are gone say so at once, and one that is left serves.
TEST_F(PoolTest, EndpointsThatRefuseCostNoAttempt) {
  Origin a(loop_);
  std::vector<model::Endpoint> endpoints;
  std::vector<support::Listener> held;  // so that all addresses differ
  for (int i = 0; i < 6; ++i) {
    held.push_back(support::tcp_listener(1));
    endpoints.push_back(active(held.back().address));
  }
  held.clear();
  endpoints.push_back(active(a.address()));
  Pool& from = pool(endpoints);
  EXPECT_EQ(next_of(from), a.address());
  EXPECT_EQ(last_attempts_, 6U);
  EXPECT_EQ(from.report().connect_failures, 6U);
}

// Their accept queues are full, so that the kernel drops what comes.
TEST_F(PoolTest, OfEndpointsThatTakeTheirTimeThreeAreTriedAndNoMore) {
  settings_.connect = net::Duration(20);
  std::vector<support::Listener> silent;
  std::vector<net::Fd> fillers;
  std::vector<model::Endpoint> endpoints;
  for (int i = 0; i < 4; ++i) {
    silent.push_back(support::tcp_listener(0));
    endpoints.push_back(active(silent.back().address));
    for (int filler = 0; filler < 8; ++filler) {
      if (auto fd = net::start_connect(silent.back().address)) fillers.push_back(std::move(*fd));
    }
  }
  Pool& from = pool(endpoints);
  EXPECT_EQ(next_of(from), std::nullopt);
  EXPECT_EQ(last_error_->code, Code::connect_timeout);
  EXPECT_EQ(last_attempts_, 3U);
  EXPECT_EQ(from.report().connect_failures, 3U);
}

class PoolWithoutRoutesTest : public PoolTest {
 protected:
  // So many that there is no way to.
  std::vector<model::Endpoint> nowhere(std::size_t count, int error) {
    std::vector<model::Endpoint> all;
    for (std::size_t i = 0; i < count; ++i) {
      const auto ip = *syntax::IpAddress::parse(text::cat("192.0.2.", i + 1));
      all.push_back(active({.ip = ip, .port = 80}));
      connects_.errors[all.back().address] = error;
    }
    return all;
  }

  Connects connects_;
};

// IPv6 that is switched off, or has no route; a bind or a rule of the machine's own that forbids it.
TEST_F(PoolWithoutRoutesTest, AnAddressWithoutARouteCostsNoAttempt) {
  Origin origin(loop_);
  for (const int error : {EADDRNOTAVAIL, ENETUNREACH, EHOSTUNREACH, EAFNOSUPPORT, EACCES, EPERM}) {
    std::vector<model::Endpoint> endpoints = nowhere(5, error);
    endpoints.push_back(active(origin.address()));
    for (std::size_t offset = 0; offset < endpoints.size(); ++offset) {
      Pool& from = pool(endpoints, offset);
      EXPECT_EQ(next_of(from), origin.address()) << error << ' ' << offset;
      EXPECT_EQ(last_attempts_, 0U);
      EXPECT_EQ(from.report().connect_failures, 5 - offset) << "the backend is told of";
    }
  }
}

TEST_F(PoolWithoutRoutesTest, OfThoseThatRefuseSixtyFourAreAskedAndNoMore) {
  Pool& from = pool(nowhere(70, ECONNREFUSED));
  EXPECT_EQ(next_of(from), std::nullopt);
  EXPECT_EQ(last_error_->code, Code::connect_failed);
  EXPECT_TRUE(last_error_->retry_safe);
  EXPECT_EQ(last_attempts_, 64U);
}

TEST_F(PoolWithoutRoutesTest, ThatThereIsNoRouteAnywhereIsSaid) {
  EXPECT_EQ(next_of(pool(nowhere(5, ENETUNREACH))), std::nullopt);
  EXPECT_EQ(last_error_->code, Code::no_route);
  EXPECT_TRUE(last_error_->retry_safe);
}

TEST_F(PoolWithoutRoutesTest, WhatAConnectFailedBySaysMore) {
  std::vector<model::Endpoint> endpoints = nowhere(2, ENETUNREACH);
  endpoints.push_back(active(support::unused_address()));
  for (std::size_t offset = 0; offset < endpoints.size(); ++offset) {
    EXPECT_EQ(next_of(pool(endpoints, offset)), std::nullopt);
    EXPECT_EQ(last_error_->code, Code::connect_failed) << offset;
  }
}

TEST_F(PoolWithoutRoutesTest, OneThatIsOnItsWayOutServesWhenThereIsNoWayToTheOthers) {
  Origin origin(loop_);
  std::vector<model::Endpoint> endpoints = nowhere(5, ENETUNREACH);
  endpoints.push_back(draining(origin.address()));
  EXPECT_EQ(next_of(pool(endpoints)), origin.address());
}

TEST_F(PoolWithoutRoutesTest, NoRequestLooksForAWayForEver) {
  EXPECT_EQ(next_of(pool(nowhere(Attempts::most_passed_over + 10, ENETUNREACH))), std::nullopt);
  EXPECT_EQ(connects_.seen.size(), Attempts::most_passed_over);
}

TEST_F(PoolTest, WithoutEndpointsThereIsNoAttempt) {
  EXPECT_EQ(next_of(pool({})), std::nullopt);
  EXPECT_EQ(last_error_->code, Code::no_endpoints);
  EXPECT_TRUE(last_error_->retry_safe);
  EXPECT_EQ(last_attempts_, 0U);
}

TEST_F(PoolTest, TheConnectionUsedLastIsUsedNext) {
  Origin origin(loop_);
  Pool& from = pool({active(origin.address())});
  const auto first = get();
  const auto second = get();
  first->start(from);
  second->start(from);
  ASSERT_TRUE(run_until([&] { return origin.asked(0) && origin.asked(1); }));
  const std::string_view answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
  origin.peer(1).send(answer);
  ASSERT_TRUE(run_until([&] { return first->answered() || second->answered(); }));
  (first->answered() ? first : second)->drop();
  origin.peer(0).send(answer);
  ASSERT_TRUE(run_until([&] { return first->answered() || second->answered(); }));
  (first->answered() ? first : second)->drop();

  exchange(from, origin, 0, 2);
  EXPECT_EQ(origin.accepted(), 2U);
}

TEST_F(PoolTest, AnIdleConnectionThatTheUpstreamEndsIsDropped) {
  Origin origin(loop_);
  Pool& from = pool({active(origin.address())});
  exchange(from, origin);
  origin.peer(0).finish();
  ASSERT_TRUE(run_until([&] { return origin.peer(0).over(); }));
  exchange(from, origin, 1);
  EXPECT_EQ(from.report().stale_retries, 0U);
}

TEST_F(PoolTest, AnIdleConnectionOnWhichSomethingComesUnaskedIsDropped) {
  Origin origin(loop_);
  Pool& from = pool({active(origin.address())});
  exchange(from, origin);
  origin.peer(0).send("HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n");
  ASSERT_TRUE(run_until([&] { return origin.peer(0).over(); }));
  exchange(from, origin, 1);
}

TEST_F(PoolTest, AnIdleConnectionIsKeptForItsTime) {
  settings_.idle = net::Duration(20);
  Origin origin(loop_);
  exchange(pool({active(origin.address())}), origin);
  ASSERT_TRUE(run_until([&] { return origin.peer(0).over(); }));
}

TEST_F(PoolTest, WhatRunsAtAnEndpointThatGoesIsNotCutAndItsConnectionNotKept) {
  Origin origin(loop_);
  Pool& from = pool({active(origin.address())});
  const auto call = get();
  call->start(from);
  ASSERT_TRUE(run_until([&] { return origin.asked(0); }));
  from.update({});
  origin.peer(0).send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  ASSERT_TRUE(run_until([&] { return call->answered(); }));
  call->start_reading();
  ASSERT_TRUE(run_until([&] { return call->body_ended; }));
  EXPECT_EQ(call->body, "ok");
  call->drop();
  ASSERT_TRUE(run_until([&] { return origin.peer(0).over(); }));
}

TEST_F(PoolTest, NoConnectionOfAnEndpointThatIsGoneWaitsForAnother) {
  Origin origin(loop_);
  Pool& from = pool({active(origin.address())});
  const auto one = get();
  const auto other = get();
  one->start(from);
  other->start(from);
  ASSERT_TRUE(run_until([&] { return origin.asked(0) && origin.asked(1); }));
  from.update({});
  origin.peer(0).send("HTTP/1.1 204 No Content\r\n\r\n");
  ASSERT_TRUE(run_until([&] { return one->answered() || other->answered(); }));
  (one->answered() ? one : other)->drop();
  EXPECT_TRUE(run_until([&] { return origin.peer(0).over(); }));
  EXPECT_FALSE(origin.peer(1).over());
}

TEST_F(PoolTest, IdleConnectionsOfAnEndpointThatGoesEnd) {
  Origin origin(loop_);
  Pool& from = pool({active(origin.address())});
  exchange(from, origin);
  from.update({});
  ASSERT_TRUE(run_until([&] { return origin.peer(0).over(); }));
}

TEST_F(PoolTest, AnEndpointThatStaysKeepsItsConnections) {
  Origin a(loop_), b(loop_);
  Pool& from = pool({active(a.address())});
  exchange(from, a);
  from.update({.endpoints = {draining(a.address()), active(b.address())}});
  from.update({.endpoints = {active(a.address())}});
  exchange(from, a, 0, 2);
  EXPECT_EQ(a.accepted(), 1U);
}

// By the last request of a snapshot that has it.
TEST_F(PoolTest, MayGoBeforeAConnectionDoes) {
  Origin origin(loop_);
  const auto call = get();
  call->start(pool({active(origin.address())}));
  ASSERT_TRUE(run_until([&] { return origin.asked(0); }));
  origin.peer(0).send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  ASSERT_TRUE(run_until([&] { return call->answered(); }));
  pool_.reset();
  call->drop();
  ASSERT_TRUE(run_until([&] { return origin.peer(0).over(); }));
}

TEST_F(PoolTest, AtTheCapAConnectIsOurFaultAndNoEndpointsFailure) {
  net::Quota quota(1);
  Origin a(loop_);
  pool_ = std::make_shared<Pool>("backend", loop_, settings_, ledger_, 0, &quota);
  pool_->update({.id = "set", .endpoints = {active(a.address()), active(a.address())}, .origin = {}});
  {
    const net::Quota::Share taken(&quota);
    EXPECT_FALSE(next_of(*pool_));
    ASSERT_TRUE(last_error_);
    EXPECT_EQ(last_error_->code, Code::overloaded);
    EXPECT_TRUE(last_error_->retry_safe);
    EXPECT_EQ(last_attempts_, 0U) << "no endpoint was tried";
    EXPECT_EQ(pool_->report().connect_failures, 0U);
  }
  EXPECT_EQ(next_of(*pool_), a.address());
  EXPECT_EQ(quota.used(), 0U);
}

TEST_F(PoolTest, WhatComesBeforeHttpCountsFromItsBeginning) {
  net::Quota quota(4);
  Origin a(loop_);
  pool_ = std::make_shared<Pool>("backend", loop_, settings_, ledger_, 0, &quota);
  pool_->update({.id = "set", .endpoints = {active(a.address())}, .origin = {}});
  Leasing leasing;
  const auto lease = [](Leasing& of, Pool& from) -> net::Task<void> {
    const net::Time never = net::Time::max();
    of.result.emplace(co_await from.lease(of.attempts, Want::any, never, of.arena, of.notes, "PROXY UNKNOWN\r\n"));
  };
  leasing.task = lease(leasing, *pool_);
  leasing.task.start();
  ASSERT_FALSE(leasing.result);
  EXPECT_EQ(quota.used(), 1U);
  run_until([&] { return leasing.result.has_value(); });
  ASSERT_TRUE(*leasing.result);
  EXPECT_EQ(quota.used(), 1U);
}

TEST_F(PoolTest, AtTheCapIdleConnectionsOfOtherEndpointsMakeRoom) {
  net::Quota quota(4);
  Origin a(loop_), b(loop_);
  pool_ = std::make_shared<Pool>("backend", loop_, settings_, ledger_, 0, &quota);
  pool_->update({.id = "set", .endpoints = {active(a.address())}, .origin = {}});
  exchange(*pool_, a);
  pool_->update({.id = "set", .endpoints = {draining(a.address()), active(b.address())}, .origin = {}});
  const net::Quota::Share one(&quota), two(&quota), three(&quota);
  ASSERT_TRUE(quota.is_full());
  EXPECT_EQ(next_of(*pool_), b.address());
  EXPECT_TRUE(run_until([&] { return a.peer(0).over(); }));
}

TEST_F(PoolTest, AtTheCapOtherPoolsAreAskedToMakeRoom) {
  net::Quota quota(1);
  std::optional<net::Quota::Share> of_another(&quota);
  Origin a(loop_);
  pool_ = std::make_shared<Pool>("backend", loop_, settings_, ledger_, 0, &quota, [&] { of_another.reset(); });
  pool_->update({.id = "set", .endpoints = {active(a.address())}, .origin = {}});
  EXPECT_EQ(next_of(*pool_), a.address());
  EXPECT_FALSE(of_another);
}

TEST_F(PoolTest, WhereConnectionsAreScarceNoneIsKept) {
  net::Quota quota(4);
  Origin a(loop_);
  pool_ = std::make_shared<Pool>("backend", loop_, settings_, ledger_, 0, &quota);
  pool_->update({.id = "set", .endpoints = {active(a.address())}, .origin = {}});
  exchange(*pool_, a);
  EXPECT_EQ(quota.used(), 1U) << "kept";
  const net::Quota::Share one(&quota), two(&quota), three(&quota);
  exchange(*pool_, a, 0, 2);
  EXPECT_EQ(quota.used(), 3U) << "not kept";
}

TEST_F(PoolTest, WithoutADescriptorAConnectIsOurFault) {
  Origin a(loop_);
  Pool& from = pool({active(a.address())});
  EXPECT_EQ(next_of(from), a.address());  // not kept; what is checked once a program needs descriptors, too
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit none{.rlim_cur = 0, .rlim_max = before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  EXPECT_FALSE(next_of(from));
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  ASSERT_TRUE(last_error_);
  EXPECT_EQ(last_error_->code, Code::overloaded);
  EXPECT_EQ(from.report().connect_failures, 0U);
  EXPECT_EQ(next_of(from), a.address());
}

}  // namespace
}  // namespace sallyport::proxy
