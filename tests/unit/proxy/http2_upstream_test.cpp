// SPDX-License-Identifier: Apache-2.0
// Requests to upstreams of HTTP/2: many streams on few connections, each as good as a connection of its own.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "unit/proxy/http2_call_test.hpp"

namespace sallyport::proxy {
namespace {

using http::h2::ErrorCode;
using http::h2::FrameType;
using support::H2Client;
using support::HeaderList;

class Http2UpstreamTest : public Http2CallTest {
 protected:
  void exchange(Pool& from, H2Origin& origin, std::size_t number, std::uint32_t stream) {
    const auto call = asked(from, origin, number, stream);
    answer(origin.connection(number), stream);
    expect_answer(*call);
  }
};

TEST_F(Http2UpstreamTest, ManyRequestsShareOneConnection) {
  H2Origin origin(loop_);
  Pool& from = http2_pool({active(origin.address())});
  const Calls calls = start_calls(from, 100);
  ASSERT_TRUE(run_until([&] { return origin.asked(0, 199); }));
  for (std::uint32_t i = 0; i < 100; ++i) answer(origin.connection(0), 199 - 2 * i, std::to_string(199 - 2 * i));
  for (std::uint32_t i = 0; i < 100; ++i) expect_answer(*calls[i], std::to_string(2 * i + 1));
  EXPECT_EQ(origin.accepted(), 1U);
  EXPECT_EQ(from.report().connects, 1U);
}

TEST_F(Http2UpstreamTest, ARequestIsWhatTheModelSaysAndNothingElse) {
  H2Origin origin(loop_);
  Pool& from = http2_pool({active(origin.address())});
  const auto call = get();
  http::RequestHead& head = call->request.head;
  head.path = "/a";
  head.has_query = true;
  head.query = "b=c";
  head.accepts_trailers = true;
  ASSERT_TRUE(head.fields.add("X-Custom", "One"));
  ASSERT_TRUE(head.fields.add("User-Agent", "test"));
  ASSERT_TRUE(head.fields.add("Host", "other"));
  ASSERT_TRUE(head.fields.add("Connection", "close"));
  ASSERT_TRUE(head.fields.add("Transfer-Encoding", "chunked"));
  ASSERT_TRUE(head.fields.add("Content-Length", "7"));
  ASSERT_TRUE(head.fields.add("Expect", "100-continue"));
  call->start(from);
  ASSERT_TRUE(run_until([&] { return origin.asked(0, 1); }));
  const HeaderList expected = {{":method", "GET"},  {":scheme", "http"},    {":authority", "a"}, {":path", "/a?b=c"},
                               {"x-custom", "One"}, {"user-agent", "test"}, {"te", "trailers"}};
  EXPECT_EQ(origin.connection(0).answer(1).head, expected);
  EXPECT_TRUE(origin.connection(0).answer(1).ended);
}

TEST_F(Http2UpstreamTest, WhatCannotBeWrittenIsNotSent) {
  H2Origin origin(loop_);
  Pool& from = http2_pool({active(origin.address())});
  const auto call = get();
  call->request.head.path = "/a b";
  call->start(from);
  ASSERT_TRUE(run_until([&] { return call->answered(); }));
  EXPECT_EQ(call->error()->code, Code::overloaded);
  turn();
  EXPECT_FALSE(origin.asked(0, 1));
}

TEST_F(Http2UpstreamTest, NoMoreStreamsAtATimeThanTheUpstreamAllows) {
  H2Origin origin(loop_, {{max_concurrent_streams, 2}});
  Pool& from = http2_pool({active(origin.address())});
  exchange(from, origin, 0, 1);
  const Calls calls = start_calls(from, 3);
  ASSERT_TRUE(run_until([&] { return origin.asked(0, 5) && origin.asked(1, 1); }));
  EXPECT_FALSE(origin.asked(0, 7));
  answer(origin.connection(0), 3);
  expect_answer(*calls[0]);
  calls[0]->drop();
  const auto next = asked(from, origin, 0, 7);
  EXPECT_EQ(origin.accepted(), 2U);
}

TEST_F(Http2UpstreamTest, TheLimitMayBeLoweredWhileStreamsRun) {
  H2Origin origin(loop_);
  Pool& from = http2_pool({active(origin.address())});
  const auto one = asked(from, origin, 0, 1);
  const auto two = asked(from, origin, 0, 3);
  origin.connection(0).start_server({{max_concurrent_streams, 1}});
  ASSERT_TRUE(run_until([&] { return origin.connection(0).settings_acknowledged() == 2; }));
  const auto three = asked(from, origin, 1, 1);
  answer(origin.connection(0), 3);
  answer(origin.connection(0), 1);
  expect_answer(*two);
  expect_answer(*one);
  one->drop();
  two->drop();
  const auto four = asked(from, origin, 0, 5);
  EXPECT_EQ(origin.accepted(), 2U);
}

TEST_F(Http2UpstreamTest, AfterGoawayStreamsThatAreServedGoOnAndOthersAreAskedAgain) {
  H2Origin origin(loop_);
  Pool& from = http2_pool({active(origin.address())});
  const auto one = asked(from, origin, 0, 1);
  const auto two = asked(from, origin, 0, 3);
  origin.connection(0).send(FrameType::goaway, 0, 0, support::h2_number(1) + support::h2_number(0));
  ASSERT_TRUE(run_until([&] { return origin.asked(1, 1); }));  // the second one again
  answer(origin.connection(1), 1);
  expect_answer(*two);
  answer(origin.connection(0), 1);
  expect_answer(*one);
  one->drop();
  ASSERT_TRUE(run_until([&] { return origin.connection(0).over(); }));
  EXPECT_EQ(from.report().stale_retries, 1U);
}

TEST_F(Http2UpstreamTest, ARefusedStreamIsAskedForAgainWhateverTheMethod) {
  H2Origin origin(loop_);
  Pool& from = http2_pool({active(origin.address())});
  const auto call = std::make_unique<Call>(http::Method::post, "POST");
  call->request.head.framing = {.kind = http::Framing::Kind::length, .length = 0};
  call->start(from);
  ASSERT_TRUE(run_until([&] { return origin.asked(0, 1); }));
  origin.connection(0).send(support::h2_reset(1, ErrorCode::refused_stream));
  ASSERT_TRUE(run_until([&] { return origin.asked(0, 3); }));
  answer(origin.connection(0), 3);
  expect_answer(*call);
}

TEST_F(Http2UpstreamTest, AConnectionThatIsGoneIsReplacedOnceForAnIdempotentRequest) {
  H2Origin origin(loop_);
  Pool& from = http2_pool({active(origin.address())});
  exchange(from, origin, 0, 1);
  const auto call = asked(from, origin, 0, 3);
  origin.connection(0).peer().close();
  ASSERT_TRUE(run_until([&] { return origin.asked(1, 1); }));
  answer(origin.connection(1), 1);
  expect_answer(*call);
}

TEST_F(Http2UpstreamTest, WhoGoesAwayResetsOneStreamAndNothingElse) {
  H2Origin origin(loop_);
  Pool& from = http2_pool({active(origin.address())});
  const auto one = asked(from, origin, 0, 1);
  const auto two = asked(from, origin, 0, 3);
  one->drop();
  ASSERT_TRUE(run_until([&] { return origin.connection(0).answer(1).reset.has_value(); }));
  EXPECT_EQ(origin.connection(0).answer(1).reset, ErrorCode::cancel);
  answer(origin.connection(0), 3);
  expect_answer(*two);
  exchange(from, origin, 0, 5);
  EXPECT_EQ(origin.accepted(), 1U);
}

TEST_F(Http2UpstreamTest, AnAnswerThatIsNotReadToItsEndResetsItsStream) {
  H2Origin origin(loop_);
  Pool& from = http2_pool({active(origin.address())});
  const auto call = asked(from, origin, 0, 1);
  origin.connection(0).headers(1, {{":status", "200"}}, false);
  ASSERT_TRUE(run_until([&] { return call->answered(); }));
  call->drop();
  ASSERT_TRUE(run_until([&] { return origin.connection(0).answer(1).reset == ErrorCode::cancel; }));
  exchange(from, origin, 0, 3);
}

TEST_F(Http2UpstreamTest, ABodyGoesUpBesideTheAnswerComingDown) {
  H2Origin origin(loop_);
  Pool& from = http2_pool({active(origin.address())});
  support::Gate gate;
  const auto call = with_body(http::Method::post, "POST", 6);
  call->request_body.add("one");
  call->request_body.add("two", &gate);
  call->start(from);
  ASSERT_TRUE(run_until([&] { return origin.asked(0, 1) && origin.connection(0).answer(1).body == "one"; }));
  EXPECT_EQ(origin.connection(0).answer(1).value("content-length"), "6");
  answer(origin.connection(0), 1);
  ASSERT_TRUE(run_until([&] { return call->answered(); }));
  gate.open();
  ASSERT_TRUE(run_until([&] { return origin.connection(0).answer(1).ended; }));
  EXPECT_EQ(origin.connection(0).answer(1).body, "onetwo");
  expect_answer(*call);
}

TEST_F(Http2UpstreamTest, AShortBodyIsOneFrameWithTheEnd) {
  H2Origin origin(loop_);
  Pool& from = http2_pool({active(origin.address())});
  const auto call = with_body(http::Method::post, "POST", 0);
  call->request.head.framing = {.kind = http::Framing::Kind::chunked};
  call->request_body.add("all");
  call->start(from);
  ASSERT_TRUE(run_until([&] { return origin.asked(0, 1) && origin.connection(0).answer(1).ended; }));
  EXPECT_EQ(origin.connection(0).answer(1).body, "all");
  EXPECT_EQ(origin.connection(0).answer(1).frames, 1U);
}

TEST_F(Http2UpstreamTest, ALongBodyWaitsForTheUpstreamsWindow) {
  H2Origin origin(loop_);
  Pool& from = http2_pool({active(origin.address())});
  const std::string piece(50'000, 'x');
  const auto call = with_body(http::Method::post, "POST", 100'000);
  call->request_body.add(piece);
  call->request_body.add(piece);
  call->start(from);
  const auto came = [&] { return origin.asked(0, 1) ? origin.connection(0).answer(1).body.size() : 0; };
  ASSERT_TRUE(run_until([&] { return came() == 65'535; }));
  turn();
  EXPECT_EQ(came(), 65'535U);
  origin.connection(0).send(support::h2_window_update(0, 100'000) + support::h2_window_update(1, 100'000));
  ASSERT_TRUE(run_until([&] { return origin.connection(0).answer(1).ended; }));
  EXPECT_EQ(came(), 100'000U);
}

TEST_F(Http2UpstreamTest, AnEarlyAnswerEndsTheUpload) {
  H2Origin origin(loop_);
  Pool& from = http2_pool({active(origin.address())});
  support::Gate never;
  const auto call = with_body(http::Method::post, "POST", 6);
  call->request_body.add("one");
  call->request_body.add("two", &never);
  call->start(from);
  ASSERT_TRUE(run_until([&] { return origin.asked(0, 1); }));
  answer(origin.connection(0), 1, "enough");
  origin.connection(0).send(support::h2_reset(1, ErrorCode::no_error));
  expect_answer(*call, "enough");
  call->drop();
  exchange(from, origin, 0, 3);
}

TEST_F(Http2UpstreamTest, ABodyThatFailsOnTheClientsSideIsTheClientsFault) {
  H2Origin origin(loop_);
  Pool& from = http2_pool({active(origin.address())});
  const auto call = with_body(http::Method::post, "POST", 6);
  call->request_body.add("one");
  call->request_body.fail_at_end({.code = Code::body_too_slow});
  call->start(from);
  ASSERT_TRUE(run_until([&] { return call->answered(); }));
  EXPECT_EQ(call->error()->code, Code::body_too_slow);
  call->drop();
  ASSERT_TRUE(run_until([&] { return origin.accepted() == 1 && origin.connection(0).answer(1).reset; }));
}

TEST_F(Http2UpstreamTest, TrailersComeAndGo) {
  H2Origin origin(loop_);
  Pool& from = http2_pool({active(origin.address())});
  const auto call = with_body(http::Method::post, "POST", 0);
  call->request.head.framing = {.kind = http::Framing::Kind::chunked};
  http::Fields sent(call->arena);
  ASSERT_TRUE(sent.add("X-Sum", "1"));
  call->request_body.add("all");
  call->request_body.set_trailers(sent);
  call->start(from);
  ASSERT_TRUE(run_until([&] { return origin.asked(0, 1) && origin.connection(0).answer(1).ended; }));
  EXPECT_EQ(origin.connection(0).answer(1).trailers, (HeaderList{{"x-sum", "1"}}));
  origin.connection(0).headers(1, {{":status", "200"}}, false);
  origin.connection(0).data(1, "fine");
  origin.connection(0).headers(1, {{"grpc-status", "0"}, {"content-type", "dropped"}}, true);
  expect_answer(*call);
  const http::Fields* const trailers = (*call->result)->body->trailers();
  ASSERT_NE(trailers, nullptr);
  ASSERT_EQ(trailers->size(), 1U);
  EXPECT_EQ(trailers->begin()->name, "grpc-status");
  EXPECT_EQ(trailers->begin()->value, "0");
}

TEST_F(Http2UpstreamTest, AnAnswerOfTrailersOnlyHasAnEmptyBody) {
  H2Origin origin(loop_);
  Pool& from = http2_pool({active(origin.address())});
  const auto call = asked(from, origin, 0, 1);
  origin.connection(0).headers(1, {{":status", "200"}, {"grpc-status", "5"}}, true);
  expect_answer(*call, "");
  EXPECT_EQ((*call->result)->head.fields.find("grpc-status")->value, "5");
}

TEST_F(Http2UpstreamTest, InterimAnswersArePassedOn) {
  H2Origin origin(loop_);
  Pool& from = http2_pool({active(origin.address())});
  Interims interims;
  const auto call = get();
  call->start(from, &interims);
  ASSERT_TRUE(run_until([&] { return origin.asked(0, 1); }));
  origin.connection(0).headers(1, {{":status", "100"}}, false);
  origin.connection(0).headers(1, {{":status", "103"}, {"link", "</a>"}}, false);
  answer(origin.connection(0), 1);
  expect_answer(*call);
  EXPECT_EQ(interims.seen, (std::vector<std::uint16_t>{103}));
}

TEST_F(Http2UpstreamTest, AnswersToHeadHaveNoBodyAndKeepTheirLength) {
  H2Origin origin(loop_);
  Pool& from = http2_pool({active(origin.address())});
  const auto call = std::make_unique<Call>(http::Method::head, "HEAD");
  call->start(from);
  ASSERT_TRUE(run_until([&] { return origin.asked(0, 1); }));
  origin.connection(0).headers(1, {{":status", "200"}, {"content-length", "0012"}}, true);
  expect_answer(*call, "");
  EXPECT_EQ((*call->result)->head.framing.kind, http::Framing::Kind::none);
  EXPECT_EQ((*call->result)->head.fields.value(syntax::HeaderId::content_length), "12");
}

TEST_F(Http2UpstreamTest, AReaderThatIsSlowHoldsUpItsOwnStreamOnly) {
  H2Origin origin(loop_);
  Pool& from = http2_pool({active(origin.address())});
  const auto slow = asked(from, origin, 0, 1);
  const auto quick = asked(from, origin, 0, 3);
  const std::string frame(16'000, 'x');
  origin.connection(0).headers(1, {{":status", "200"}}, false);
  for (int i = 0; i < 4; ++i) origin.connection(0).data(1, frame);
  ASSERT_TRUE(run_until([&] { return slow->answered(); }));
  answer(origin.connection(0), 3);
  expect_answer(*quick);
  EXPECT_EQ(origin.connection(0).window_given(1), 0U);
  slow->start_reading();
  ASSERT_TRUE(run_until([&] { return origin.connection(0).window_given(1) > 0; }));
  origin.connection(0).data(1, "", true);
  ASSERT_TRUE(run_until([&] { return slow->body_ended; }));
  EXPECT_EQ(slow->body.size(), 4 * frame.size());
}

TEST_F(Http2UpstreamTest, AnIdleConnectionEndsAfterAWhileAndSaysSo) {
  settings_.idle = net::Duration(50);
  H2Origin origin(loop_);
  Pool& from = http2_pool({active(origin.address())});
  exchange(from, origin, 0, 1);
  ASSERT_TRUE(run_until([&] { return origin.connection(0).over(); }));
  ASSERT_EQ(origin.connection(0).goaways().size(), 1U);
  EXPECT_EQ(origin.connection(0).goaways()[0].error, ErrorCode::no_error);
  exchange(from, origin, 1, 1);
}

TEST_F(Http2UpstreamTest, ASilentUpstreamIsAskedWhetherItIsThere) {
  settings_.http2_silence = net::Duration(50);
  settings_.http2_pong = net::Duration(50);
  H2Origin origin(loop_);
  Pool& from = http2_pool({active(origin.address())});
  const auto call = asked(from, origin, 0, 1);
  ASSERT_TRUE(run_until([&] { return call->answered(); }));  // it does not answer the PING
  EXPECT_EQ(call->error()->code, Code::upstream_timeout);
  call->drop();
  const auto other = asked(from, origin, 1, 1);
  const net::Time start = loop_.now();
  ASSERT_TRUE(run_until([&] {
    origin.connection(1).answer_pings();
    return loop_.now() > start + net::Duration(300);
  }));
  EXPECT_FALSE(other->answered());
  answer(origin.connection(1), 1);
  expect_answer(*other);
}

TEST_F(Http2UpstreamTest, ASilentUpstreamIsAskedAgainWhenThatIsWanted) {
  settings_.http2_silence = net::Duration(50);
  settings_.http2_pong = net::Duration(50);
  settings_.http2_asks_again = true;
  H2Origin origin(loop_);
  Pool& from = http2_pool({active(origin.address())});
  const auto call = asked(from, origin, 0, 1);
  ASSERT_TRUE(run_until([&] { return origin.connection(0).answer_pings() == 1; }));
  ASSERT_TRUE(run_until([&] { return call->answered(); }));  // it does not answer the next one
  EXPECT_EQ(call->error()->code, Code::upstream_timeout);
}

TEST_F(Http2UpstreamTest, AConnectThatFailsIsOneForAllWhoWait) {
  Pool& from = http2_pool({active(support::unused_address())});
  const Calls calls = start_calls(from, 3);
  for (const auto& call : calls) {
    ASSERT_TRUE(run_until([&] { return call->answered(); }));
    EXPECT_EQ(call->error()->code, Code::connect_failed);
  }
  EXPECT_EQ(from.report().connects, 1U);
}

TEST_F(Http2UpstreamTest, AnEndpointThatIsGoneFinishesWhatRunsThere) {
  H2Origin origin(loop_), other(loop_);
  Pool& from = http2_pool({active(origin.address())});
  const auto call = asked(from, origin, 0, 1);
  from.update({.id = "set", .endpoints = {active(other.address())}, .origin = {}});
  const auto next = asked(from, other, 0, 1);
  answer(origin.connection(0), 1);
  expect_answer(*call);
  call->drop();
  ASSERT_TRUE(run_until([&] { return origin.connection(0).over(); }));
}

TEST_F(Http2UpstreamTest, APoolMayGoWhileAConnectIsUnderWay) {
  H2Origin origin(loop_);
  Pool& from = http2_pool({active(origin.address())});
  const auto call = get();
  call->start(from);
  call->drop();
  pool_.reset();
  ASSERT_TRUE(run_until([&] { return origin.accepted() == 1 && origin.connection(0).over(); }));
}

}  // namespace
}  // namespace sallyport::proxy
