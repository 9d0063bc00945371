// SPDX-License-Identifier: Apache-2.0
// How many streams a connection to an upstream is given, when it is given no more, and what becomes of a stream whose
// upstream does not go on with it.
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "net/quota.hpp"
#include "unit/proxy/http2_call_test.hpp"

namespace sallyport::proxy {
namespace {

using http::h2::ErrorCode;
using support::H2Client;

class Http2StreamsTest : public Http2CallTest {
 protected:
  // An answer whose body has not ended.
  void begin_answer(Call& call, H2Client& it, std::uint32_t stream) {
    it.headers(stream, {{":status", "200"}}, false);
    expect_head(call);
  }
  static net::Fd next_at(const support::Listener& listener) {
    return net::Fd(::accept4(listener.fd.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
  }
  // The next connection, on which the preface has come: whoever was given it is at what he wants.
  net::Fd greeted(const support::Listener& listener) {
    net::Fd fd;
    char byte = 0;
    EXPECT_TRUE(run_until([&] {
      loop_.post([] {});
      if (!fd) fd = next_at(listener);
      return fd && ::recv(fd.get(), &byte, 1, 0) == 1;
    }));
    return fd;
  }
};

// The second one would wait in vain for the first to end.
TEST_F(Http2StreamsTest, ItIsNotAskedForMoreThanItTakesBeforeItHasSaidSo) {
  H2Origin origin(loop_, {{max_concurrent_streams, 1}});
  Pool& from = http2_pool({active(origin.address())});
  const Calls calls = start_calls(from, 3);
  ASSERT_TRUE(run_until([&] { return origin.asked(0, 1) && origin.asked(1, 1) && origin.asked(2, 1); }));
  EXPECT_FALSE(origin.asked(0, 3));
  for (std::size_t number = 0; number < 3; ++number) origin.connection(number).headers(1, {{":status", "204"}});
  ASSERT_TRUE(run_until([&] { return std::ranges::all_of(calls, [](const auto& call) { return call->answered(); }); }));
  for (const auto& call : calls) EXPECT_EQ(call->status(), 204);
}

TEST_F(Http2StreamsTest, WhoWaitsForItsSettingsGoesOnWhenItIsGone) {
  support::Listener listener = support::tcp_listener(8);
  Pool& from = http2_pool({active(listener.address)});
  const Calls calls = start_calls(from, 2);
  net::Fd first = greeted(listener);
  turn();
  EXPECT_FALSE(next_at(listener));
  first.reset();
  const net::Fd second = greeted(listener);
  EXPECT_TRUE(second);
}

TEST_F(Http2StreamsTest, AConnectThatNeverSaysWhatItTakesEndsInTime) {
  support::Listener listener = support::tcp_listener(8);
  settings_.head = net::Duration(100);
  settings_.http2_silence = net::Duration(std::chrono::hours(1));
  Pool& from = http2_pool({active(listener.address)});
  const auto call = get();
  call->request.head.upgrade = "websocket";
  call->start(from);
  const net::Fd silent = greeted(listener);
  settings_.head = net::Duration(std::chrono::hours(1));  // of a second wait
  ASSERT_TRUE(run_until([&] { return call->answered(); }));
  EXPECT_EQ(call->error()->code, Code::upstream_timeout);
}

// A connection that was dead is replaced; this one lives, and may have done what it was asked.
TEST_F(Http2StreamsTest, WhatItHasResetIsNotAskedAgain) {
  H2Origin origin(loop_);
  Pool& from = http2_pool({active(origin.address())});
  const auto first = asked(from, origin, 0, 1);
  begin_answer(*first, origin.connection(0), 1);
  origin.connection(0).data(1, "fine", true);
  expect_end(*first, "fine");
  first->drop();
  const auto call = asked(from, origin, 0, 3);
  origin.connection(0).send(support::h2_reset(3, ErrorCode::cancel));
  ASSERT_TRUE(run_until([&] { return call->answered(); }));
  ASSERT_TRUE(call->error());
  EXPECT_EQ(call->error()->code, Code::upstream_reset);
  EXPECT_EQ(origin.accepted(), 1U);
  EXPECT_FALSE(origin.asked(0, 5));
  EXPECT_EQ(from.report().stale_retries, 0U);
}

TEST_F(Http2StreamsTest, SmallPiecesOfManyStreamsAreNothingOdd) {
  H2Origin origin(loop_);
  Pool& from = http2_pool({active(origin.address())});
  Calls calls;
  for (std::uint32_t i = 0; i < 50; ++i) {
    calls.push_back(asked(from, origin, 0, 1 + 2 * i));
    begin_answer(*calls.back(), origin.connection(0), 1 + 2 * i);
  }
  for (int round = 0; round < 20; ++round) {
    for (std::uint32_t i = 0; i < 50; ++i) origin.connection(0).data(1 + 2 * i, "");
    turn(2);
  }
  for (std::uint32_t i = 0; i < 50; ++i) origin.connection(0).data(1 + 2 * i, "end", true);
  for (const auto& call : calls) expect_end(*call, "end");
  const auto next = asked(from, origin, 0, 101);
  EXPECT_EQ(origin.accepted(), 1U);
}

TEST_F(Http2StreamsTest, AConnectionThatIsRatherOddIsGivenNoMore) {
  H2Origin origin(loop_);
  Pool& from = http2_pool({active(origin.address())});
  const auto call = asked(from, origin, 0, 1);
  begin_answer(*call, origin.connection(0), 1);
  for (int i = 0; i < 80; ++i) origin.connection(0).data(1, "");
  origin.connection(0).data(1, "some");
  ASSERT_TRUE(run_until([&] { return call->body == "some"; }));
  const auto next = asked(from, origin, 1, 1);
  origin.connection(0).data(1, " more", true);
  expect_end(*call, "some more");
  call->drop();
  ASSERT_TRUE(run_until([&] { return origin.connection(0).over(); }));
}

TEST_F(Http2StreamsTest, AnUploadThatStallsBehindItsAnswerEndsBoth) {
  settings_.write_stall = net::Duration(1'000);
  H2Origin origin(loop_);
  Pool& from = http2_pool({active(origin.address())});
  const auto call = with_body(http::Method::post, "POST", 200'000);
  call->request_body.add(std::string(200'000, 'x'));  // more than it has a window for
  call->start(from);
  ASSERT_TRUE(run_until([&] { return origin.asked(0, 1); }));
  begin_answer(*call, origin.connection(0), 1);
  origin.connection(0).data(1, "some");
  ASSERT_TRUE(run_until([&] { return call->body_ended; }));
  ASSERT_TRUE(call->body_error);
  EXPECT_EQ(call->body_error->code, Code::upstream_timeout);
  ASSERT_TRUE(run_until([&] { return origin.connection(0).answer(1).reset.has_value(); }));
  EXPECT_EQ(origin.connection(0).answer(1).reset, ErrorCode::cancel);
}

TEST_F(Http2StreamsTest, FieldsThatNoTableMayHavePassAsSuch) {
  H2Origin origin(loop_);
  Pool& from = http2_pool({active(origin.address())});
  const auto call = get();
  ASSERT_TRUE(call->request.head.fields.add("X-Open", "1"));
  ASSERT_TRUE(call->request.head.fields.add("X-Token", "1"));
  call->request.head.fields.mark_secret(1);
  call->start(from);
  ASSERT_TRUE(run_until([&] { return origin.asked(0, 1); }));
  EXPECT_EQ(origin.connection(0).answer(1).secrets, std::vector<std::string>({"x-token"}));
  origin.connection(0).keep_secret("x-answer");
  origin.connection(0).headers(1, {{":status", "204"}, {"x-answer", "1"}, {"x-open", "1"}}, true);
  ASSERT_TRUE(run_until([&] { return call->answered(); }));
  EXPECT_TRUE((*call->result)->head.fields.find("x-answer")->is_secret);
  EXPECT_FALSE((*call->result)->head.fields.find("x-open")->is_secret);
}

TEST_F(Http2StreamsTest, AnIdleConnectionMakesRoomAtOnce) {
  H2Origin origin(loop_), other(loop_);
  net::Quota quota(4);
  const auto make = [&](const H2Origin& of, Pool::MakeRoom make_room) {
    auto made = std::make_shared<Pool>("backend", loop_, settings_, ledger_, 0, &quota, std::move(make_room),
                                       Manner{.http2 = true});
    made->update({.id = "set", .endpoints = {active(of.address())}, .origin = {}});
    return made;
  };
  const auto idle = make(origin, {});
  const auto busy = make(other, [&] { idle->end_idle(); });
  const auto call = asked(*idle, origin, 0, 1);
  origin.connection(0).headers(1, {{":status", "204"}}, true);
  ASSERT_TRUE(run_until([&] { return call->answered(); }));
  call->drop();
  turn();
  ASSERT_EQ(quota.used(), 1U);
  for (int i = 0; i < 3; ++i) quota.add();
  const auto next = get();
  next->start(*busy);
  ASSERT_TRUE(run_until([&] { return next->answered() || other.asked(0, 1); }));
  EXPECT_FALSE(next->answered());
  next->drop();
}

// Of many backends most are never asked.
TEST_F(Http2StreamsTest, WhatTlsNeedsIsMadeOnceAtTheFirstConnect) {
  int made = 0;
  Manner manner{.http2 = true, .is_tls = true};
  manner.make_tls = [&] {
    ++made;
    return Manner{.http2 = true, .is_tls = true, .is_broken = true};
  };
  pool_ = std::make_shared<Pool>("backend", loop_, settings_, ledger_, 0, nullptr, Pool::MakeRoom(), std::move(manner));
  pool_->update({.id = "set", .endpoints = {active(support::unused_address())}, .origin = {}});
  EXPECT_EQ(made, 0);
  for (int i = 0; i < 2; ++i) {
    const auto call = get();
    call->start(*pool_);
    ASSERT_TRUE(run_until([&] { return call->answered(); }));
    ASSERT_TRUE(call->error());
    EXPECT_EQ(call->error()->code, Code::upstream_tls);
    EXPECT_EQ(made, 1);
  }
}

}  // namespace
}  // namespace sallyport::proxy
