// SPDX-License-Identifier: Apache-2.0
#include "proxy/upstream_call.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "http/websocket.hpp"
#include "unit/proxy/upstream_test.hpp"

namespace sallyport::proxy {
namespace {

using UpstreamCallTest = UpstreamTest;

constexpr std::string_view ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

TEST_F(UpstreamCallTest, GivesHeadAndBody) {
  Origin origin(loop_);
  const auto call = get();
  call->start(pool({active(origin.address())}));
  ASSERT_TRUE(run_until([&] { return origin.asked(0); }));
  EXPECT_EQ(origin.peer(0).text(), "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  origin.peer(0).send(ok);
  ASSERT_TRUE(run_until([&] { return call->answered(); }));
  call->start_reading();
  ASSERT_TRUE(run_until([&] { return call->body_ended; }));
  EXPECT_EQ(call->status(), 200);
  EXPECT_EQ(call->body, "ok");
  EXPECT_EQ(call->log.endpoint, origin.address());
  EXPECT_EQ(call->log.attempts, 1U);
}

// The head's texts lie in the connection's buffer, which is anybody's once the connection is idle.
TEST_F(UpstreamCallTest, AResponseWithoutBodyKeepsItsHead) {
  Origin origin(loop_);
  const auto call = get();
  Pool& to = pool({active(origin.address())});
  call->start(to);
  ASSERT_TRUE(run_until([&] { return origin.asked(0); }));
  origin.peer(0).send("HTTP/1.1 204 No Content\r\nX-Kept: value\r\n\r\n");
  ASSERT_TRUE(run_until([&] { return call->answered(); }));
  ASSERT_EQ(call->status(), 204);
  net::Buffer others = loop_.buffers().take(net::BufferPool::small, ledger_);
  net::Buffer more = loop_.buffers().take(net::BufferPool::small, ledger_);
  std::ranges::fill(others.span(), '#');
  std::ranges::fill(more.span(), '#');
  const http::Field* kept = (*call->result)->head.fields.find("x-kept");
  ASSERT_NE(kept, nullptr);
  EXPECT_EQ(kept->value, "value");
  EXPECT_EQ((*call->result)->head.reason, "No Content");

  call->drop();
  exchange(to, origin, 0, 2);
  EXPECT_EQ(origin.accepted(), 1U) << "the connection was clean and is used again";
}

TEST_F(UpstreamCallTest, AStaleConnectionIsReplacedForAGet) {
  Origin origin(loop_);
  Pool& to = pool({active(origin.address())});
  exchange(to, origin);
  const auto call = get();
  call->start(to);
  ASSERT_TRUE(run_until([&] { return origin.asked(0, 2); }));
  origin.peer(0).close();
  ASSERT_TRUE(run_until([&] { return origin.asked(1); }));
  origin.peer(1).send(ok);
  ASSERT_TRUE(run_until([&] { return call->answered(); }));
  EXPECT_EQ(call->status(), 200);
  EXPECT_EQ(to.report().stale_retries, 1U);
  EXPECT_EQ(call->log.attempts, 2U);
}

// One that was kept may be as stale as the first.
TEST_F(UpstreamCallTest, AStaleConnectionIsReplacedByANewOne) {
  Origin origin(loop_);
  Pool& to = pool({active(origin.address())});
  const auto one = get();
  const auto other = get();
  one->start(to);
  other->start(to);
  ASSERT_TRUE(run_until([&] { return origin.asked(0) && origin.asked(1); }));
  for (std::size_t number : {0U, 1U}) origin.peer(number).send("HTTP/1.1 204 No Content\r\n\r\n");
  ASSERT_TRUE(run_until([&] { return one->answered() && other->answered(); }));
  one->drop();
  other->drop();

  const auto call = get();
  call->start(to);
  ASSERT_TRUE(run_until([&] { return origin.asked(0, 2) || origin.asked(1, 2); }));
  origin.peer(origin.asked(0, 2) ? 0 : 1).close();
  ASSERT_TRUE(run_until([&] { return origin.asked(2) || (origin.asked(0, 2) && origin.asked(1, 2)); }));
  EXPECT_TRUE(origin.asked(2));
}

TEST_F(UpstreamCallTest, AConnectionIsReplacedOnceOnly) {
  Origin origin(loop_);
  Pool& to = pool({active(origin.address())});
  exchange(to, origin);
  const auto call = get();
  call->start(to);
  ASSERT_TRUE(run_until([&] { return origin.asked(0, 2); }));
  origin.peer(0).close();
  ASSERT_TRUE(run_until([&] { return origin.asked(1); }));
  origin.peer(1).close();
  ASSERT_TRUE(run_until([&] { return call->answered(); }));
  EXPECT_EQ(call->error()->code, Code::upstream_reset);
  turn();
  EXPECT_EQ(origin.accepted(), 2U);
}

// Several origins, and a pool of them; who is asked first is whose address is the lowest.
class Origins {
 public:
  Origins(net::Loop& loop, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) all_.push_back(std::make_unique<Origin>(loop));
    std::ranges::sort(all_, {}, [](const auto& one) { return one->address().port; });
  }

  Origin& operator[](std::size_t number) { return *all_.at(number); }
  std::vector<model::Endpoint> endpoints() const {
    std::vector<model::Endpoint> endpoints;
    for (const auto& one : all_) endpoints.push_back({.address = one->address()});
    return endpoints;
  }

 private:
  std::vector<std::unique_ptr<Origin>> all_;
};

// A pod that ends at once, with requests under way on it.
TEST_F(UpstreamCallTest, AnotherEndpointIsAskedWhereANewConnectionBreaksBeforeTheAnswer) {
  Origins origins(loop_, 2);
  Pool& to = pool(origins.endpoints());
  const auto call = get();
  call->start(to);
  ASSERT_TRUE(run_until([&] { return origins[0].asked(0); }));
  origins[0].peer(0).close();
  ASSERT_TRUE(run_until([&] { return origins[1].asked(0); }));
  origins[1].peer(0).send(ok);
  ASSERT_TRUE(run_until([&] { return call->answered(); }));
  EXPECT_EQ(call->status(), 200);
  EXPECT_EQ(call->log.attempts, 2U);
  EXPECT_EQ(call->log.endpoint, origins[1].address());
  EXPECT_EQ(to.report().stale_retries, 1U);
}

TEST_F(UpstreamCallTest, NoThirdEndpointIsAsked) {
  Origins origins(loop_, 3);
  const auto call = get();
  call->start(pool(origins.endpoints()));
  for (std::size_t number : {0U, 1U}) {
    ASSERT_TRUE(run_until([&] { return origins[number].asked(0); }));
    origins[number].peer(0).close();
  }
  ASSERT_TRUE(run_until([&] { return call->answered(); }));
  EXPECT_EQ(call->error()->code, Code::upstream_reset);
  EXPECT_EQ(origins[2].accepted(), 0U);
}

TEST_F(UpstreamCallTest, NoOtherEndpointIsAskedWhereTooManyRequestsWereSentAgain) {
  Origins origins(loop_, 2);
  Pool& to = pool(origins.endpoints());
  while (to.repeats().take()) continue;
  const auto call = get();
  call->start(to);
  ASSERT_TRUE(run_until([&] { return origins[0].asked(0); }));
  origins[0].peer(0).close();
  ASSERT_TRUE(run_until([&] { return call->answered(); }));
  EXPECT_EQ(call->error()->code, Code::upstream_reset);
  EXPECT_EQ(to.report().stale_retries, 0U);
  turn();
  EXPECT_EQ(origins[1].accepted(), 0U);
}

// It may have been acted on, whatever became of the second try.
TEST_F(UpstreamCallTest, WhatBecameOfItAtTheFirstEndpointIsToldWhereNoOtherCanBeReached) {
  Origin origin(loop_);
  const auto call = get();
  call->start(pool({active(origin.address()), active(support::unused_address())}));
  ASSERT_TRUE(run_until([&] { return origin.asked(0); }));
  origin.peer(0).close();
  ASSERT_TRUE(run_until([&] { return call->answered(); }));
  EXPECT_EQ(call->error()->code, Code::upstream_reset);
  EXPECT_FALSE(call->error()->retry_safe);
  EXPECT_EQ(call->log.endpoint, origin.address());
  EXPECT_EQ(call->log.attempts, 2U);
}

TEST_F(UpstreamCallTest, WhatWasSentOnAStaleConnectionMayHaveBeenActedOn) {
  std::optional<Origin> origin(std::in_place, loop_);
  Pool& to = pool({active(origin->address())});
  exchange(to, *origin);
  const auto call = get();
  call->start(to);
  ASSERT_TRUE(run_until([&] { return origin->asked(0, 2); }));
  origin.reset();
  ASSERT_TRUE(run_until([&] { return call->answered(); }));
  EXPECT_EQ(call->error()->code, Code::connect_failed);
  EXPECT_FALSE(call->error()->retry_safe);
}

TEST_F(UpstreamCallTest, NoOtherEndpointIsAskedOnceAnAnswerBegan) {
  Origins origins(loop_, 2);
  const auto call = get();
  call->start(pool(origins.endpoints()));
  ASSERT_TRUE(run_until([&] { return origins[0].asked(0); }));
  origins[0].peer(0).send("HTTP/1.1 2");
  origins[0].peer(0).finish();
  ASSERT_TRUE(run_until([&] { return call->answered(); }));
  EXPECT_TRUE(call->error());
  EXPECT_EQ(origins[1].accepted(), 0U);
}

TEST_F(UpstreamCallTest, APostIsNotSentToAnotherEndpoint) {
  Origins origins(loop_, 2);
  Call call(http::Method::post, "POST");
  call.start(pool(origins.endpoints()));
  ASSERT_TRUE(run_until([&] { return origins[0].asked(0); }));
  origins[0].peer(0).close();
  ASSERT_TRUE(run_until([&] { return call.answered(); }));
  EXPECT_EQ(call.error()->code, Code::upstream_reset);
  EXPECT_EQ(origins[1].accepted(), 0U);
}

TEST(RepeatBudgetTest, EndpointsThatAllFailGetAFifthMoreAndNoMore) {
  RepeatBudget budget;
  unsigned at_once = 0;
  while (budget.take()) ++at_once;
  EXPECT_EQ(at_once, RepeatBudget::most / RepeatBudget::price);
  unsigned later = 0;
  for (int i = 0; i < 1000; ++i) {
    budget.count_request();
    if (budget.take()) ++later;
  }
  EXPECT_EQ(later, 1000 / RepeatBudget::price);
}

TEST_F(UpstreamCallTest, ARequestIsNotRepeatedUnlessIdempotent) {
  Origin origin(loop_);
  Pool& to = pool({active(origin.address())});
  exchange(to, origin);
  Call call(http::Method::post, "POST");
  call.start(to);
  ASSERT_TRUE(run_until([&] { return origin.asked(0, 2); }));
  origin.peer(0).close();
  ASSERT_TRUE(run_until([&] { return call.answered(); }));
  EXPECT_EQ(call.error()->code, Code::upstream_reset);
  turn();
  EXPECT_EQ(origin.accepted(), 1U);
  EXPECT_EQ(to.report().stale_retries, 0U);
}

TEST_F(UpstreamCallTest, ARequestIsNotRepeatedOnceItsBodyWasTouched) {
  Origin origin(loop_);
  Pool& to = pool({active(origin.address())});
  exchange(to, origin);
  support::Gate gate;
  const auto call = with_body(http::Method::put, "PUT", 4);
  call->request_body.add("ab");
  call->request_body.add("cd", &gate);
  call->start(to);
  ASSERT_TRUE(run_until([&] { return origin.asked(0, 2); }));
  origin.peer(0).close();
  ASSERT_TRUE(run_until([&] { return call->answered(); }));
  EXPECT_EQ(call->error()->code, Code::upstream_reset);
  turn();
  EXPECT_EQ(origin.accepted(), 1U);
}

TEST_F(UpstreamCallTest, ARequestIsNotRepeatedOnceAByteOfTheAnswerCame) {
  Origin origin(loop_);
  Pool& to = pool({active(origin.address())});
  exchange(to, origin);
  const auto call = get();
  call->start(to);
  ASSERT_TRUE(run_until([&] { return origin.asked(0, 2); }));
  origin.peer(0).send("HTTP/1.1 2");
  origin.peer(0).finish();
  ASSERT_TRUE(run_until([&] { return call->answered(); }));
  EXPECT_EQ(call->error()->code, Code::upstream_truncated);
  turn();
  EXPECT_EQ(origin.accepted(), 1U);
}

TEST_F(UpstreamCallTest, AFirstExchangeIsNeverRepeated) {
  Origin origin(loop_);
  const auto call = get();
  call->start(pool({active(origin.address())}));
  ASSERT_TRUE(run_until([&] { return origin.asked(0); }));
  origin.peer(0).close();
  ASSERT_TRUE(run_until([&] { return call->answered(); }));
  EXPECT_EQ(call->error()->code, Code::upstream_reset);
  turn();
  EXPECT_EQ(origin.accepted(), 1U);
}

TEST_F(UpstreamCallTest, TheBodyGoesUpBesideTheAnswer) {
  Origin origin(loop_);
  support::Gate gate;
  Pool& to = pool({active(origin.address())});
  const auto call = with_body(http::Method::post, "POST", 4);
  call->request_body.add("ab");
  call->request_body.add("cd", &gate);
  call->start(to);
  ASSERT_TRUE(run_until([&] { return origin.asked(0) && origin.peer(0).text().ends_with("ab"); }));
  origin.peer(0).send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n12");
  ASSERT_TRUE(run_until([&] { return call->answered(); }));
  call->start_reading();
  ASSERT_TRUE(run_until([&] { return call->body == "12"; }));
  gate.open();
  ASSERT_TRUE(run_until([&] { return origin.peer(0).text().ends_with("abcd"); }));
  origin.peer(0).send("34");
  ASSERT_TRUE(run_until([&] { return call->body_ended; }));
  EXPECT_EQ(call->body, "1234");

  call->drop();
  exchange(to, origin, 0, 2);
  EXPECT_EQ(origin.accepted(), 1U) << "both directions were complete: it is clean";
}

// H1-4.
TEST_F(UpstreamCallTest, AnAnswerBeforeTheEndOfTheRequestCostsTheConnection) {
  Origin origin(loop_);
  support::Gate gate;
  const auto call = with_body(http::Method::post, "POST", 4);
  call->request_body.add("ab");
  call->request_body.add("cd", &gate);
  Pool& to = pool({active(origin.address())});
  call->start(to);
  ASSERT_TRUE(run_until([&] { return origin.asked(0); }));
  origin.peer(0).send("HTTP/1.1 413 Content Too Large\r\nContent-Length: 2\r\n\r\nno");
  ASSERT_TRUE(run_until([&] { return call->answered(); }));
  call->start_reading();
  ASSERT_TRUE(run_until([&] { return call->body_ended; }));
  EXPECT_EQ(call->status(), 413);
  EXPECT_EQ(call->body, "no");
  call->drop();
  EXPECT_FALSE(gate.has_waiter()) << "the rest of the body is asked for no more";
  ASSERT_TRUE(run_until([&] { return origin.peer(0).over(); }));
}

TEST_F(UpstreamCallTest, AnsweredBeforeTheBodyWithoutBodyOfItsOwnCostsTheConnection) {
  Origin origin(loop_);
  support::Gate gate;
  const auto call = with_body(http::Method::post, "POST", 4);
  call->request_body.add("abcd", &gate);
  call->start(pool({active(origin.address())}));
  ASSERT_TRUE(run_until([&] { return origin.asked(0); }));
  origin.peer(0).send("HTTP/1.1 204 No Content\r\n\r\n");
  ASSERT_TRUE(run_until([&] { return call->answered(); }));
  call->drop();
  ASSERT_TRUE(run_until([&] { return origin.peer(0).over(); }));
}

TEST_F(UpstreamCallTest, InterimHeadsAreRelayedAndContinueIsNot) {
  Origin origin(loop_);
  Interims interims;
  const auto call = get();
  call->start(pool({active(origin.address())}), &interims);
  ASSERT_TRUE(run_until([&] { return origin.asked(0); }));
  origin.peer(0).send("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n");
  ASSERT_TRUE(run_until([&] { return !interims.seen.empty(); }));
  origin.peer(0).send(ok);
  ASSERT_TRUE(run_until([&] { return call->answered(); }));
  EXPECT_EQ(call->status(), 200);
  EXPECT_EQ(interims.seen, std::vector<std::uint16_t>{103});
}

TEST_F(UpstreamCallTest, ACallOfOurOwnPassesNoInterimHeadOn) {
  Origin origin(loop_);
  const auto call = get();
  call->start(pool({active(origin.address())}));
  ASSERT_TRUE(run_until([&] { return origin.asked(0); }));
  origin.peer(0).send(std::string("HTTP/1.1 103 Early Hints\r\n\r\n").append(ok));
  ASSERT_TRUE(run_until([&] { return call->answered(); }));
  EXPECT_EQ(call->status(), 200);
}

// H1-13.
TEST_F(UpstreamCallTest, EightInterimHeadsAreRelayedAndNoMore) {
  Origin origin(loop_);
  Interims interims;
  const auto first = get();
  Pool& to = pool({active(origin.address())});
  first->start(to, &interims);
  ASSERT_TRUE(run_until([&] { return origin.asked(0); }));
  std::string eight;
  for (int i = 0; i < 8; ++i) eight += "HTTP/1.1 103 Early Hints\r\n\r\n";
  origin.peer(0).send(eight + std::string(ok));
  ASSERT_TRUE(run_until([&] { return first->answered(); }));
  EXPECT_EQ(first->status(), 200);
  EXPECT_EQ(interims.seen.size(), 8U);

  interims.seen.clear();
  const auto second = get();
  second->start(to, &interims);
  ASSERT_TRUE(run_until([&] { return origin.asked(1); }));
  origin.peer(1).send(eight + "HTTP/1.1 103 Early Hints\r\n\r\n" + std::string(ok));
  ASSERT_TRUE(run_until([&] { return second->answered(); }));
  ASSERT_TRUE(second->error());
  EXPECT_EQ(second->error()->code, Code::upstream_malformed);
  EXPECT_STREQ(second->error()->rule, "H1-13");
  EXPECT_EQ(interims.seen.size(), 8U);
}

// H1-12.
TEST_F(UpstreamCallTest, ASwitchOfProtocolsHasToBeTheOneAskedFor) {
  constexpr std::string_view key = "dGhlIHNhbXBsZSBub25jZQ==";
  const std::string right = http::websocket_accept(key);
  struct Case {
    bool asks;
    std::string accept;
    bool switches;
  };
  for (const Case& one : {Case{true, right, true}, Case{true, "bm90IHRoYXQgb25lIQ==", false}, Case{true, "", false},
                          Case{false, right, false}}) {
    Origin origin(loop_);
    const auto call = get();
    if (one.asks) call->request.head.upgrade = "websocket";
    ASSERT_TRUE(call->request.head.fields.add("Sec-WebSocket-Key", key));
    Pool& to = pool({active(origin.address())});
    call->start(to);
    ASSERT_TRUE(run_until([&] { return origin.asked(0); }));
    std::string answer = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n";
    if (!one.accept.empty()) answer += "Sec-WebSocket-Accept: " + one.accept + "\r\n";
    origin.peer(0).send(answer + "\r\n");
    ASSERT_TRUE(run_until([&] { return call->answered(); }));
    if (one.switches) {
      EXPECT_EQ(call->status(), 101);
      EXPECT_NE((*call->result)->tunnel, nullptr);
    } else {
      EXPECT_EQ(call->error()->code, Code::upstream_malformed);
      EXPECT_STREQ(call->error()->rule, "H1-12");
    }
    call->drop();
    ASSERT_TRUE(run_until([&] { return origin.peer(0).over(); }));
  }
}

TEST_F(UpstreamCallTest, ARequestToSwitchNeverSharesAConnection) {
  Origin origin(loop_);
  Pool& to = pool({active(origin.address())});
  exchange(to, origin);
  const auto call = get();
  call->request.head.upgrade = "websocket";
  call->start(to);
  ASSERT_TRUE(run_until([&] { return origin.asked(1); }));
  origin.peer(1).send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");  // it declines
  ASSERT_TRUE(run_until([&] { return call->answered(); }));
  EXPECT_EQ(call->status(), 200);
  call->drop();
  ASSERT_TRUE(run_until([&] { return origin.peer(1).over(); }));
}

TEST_F(UpstreamCallTest, AFailureOfTheClientsBodyIsTheClients) {
  Origin origin(loop_);
  support::Gate gate;
  const auto call = with_body(http::Method::post, "POST", 4);
  call->request_body.add("ab", &gate);
  call->request_body.fail_at_end({.code = Code::body_too_slow});
  call->start(pool({active(origin.address())}));
  ASSERT_TRUE(run_until([&] { return origin.asked(0); }));
  gate.open();
  ASSERT_TRUE(run_until([&] { return call->answered(); }));
  EXPECT_EQ(call->error()->code, Code::body_too_slow);
  call->drop();
  ASSERT_TRUE(run_until([&] { return origin.peer(0).over(); }));
}

TEST_F(UpstreamCallTest, AnUpstreamThatResetsWhileTheBodyGoesUpIsAtFaultItself) {
  Origin origin(loop_);
  const auto call = with_body(http::Method::post, "POST", 1 << 30);
  call->request_body.repeat_for_ever(std::string(60'000, 'x'));
  call->start(pool({active(origin.address())}));
  ASSERT_TRUE(run_until([&] { return origin.asked(0); }));
  origin.peer(0).reset();
  ASSERT_TRUE(run_until([&] { return call->answered(); }));
  EXPECT_EQ(call->error()->code, Code::upstream_reset);
}

TEST_F(UpstreamCallTest, AnEndpointThatDoesNotAnswerIsATimeout) {
  settings_.head = net::Duration(20);
  Origin origin(loop_);
  const auto call = get();
  call->start(pool({active(origin.address())}));
  ASSERT_TRUE(run_until([&] { return call->answered(); }));
  EXPECT_EQ(call->error()->code, Code::upstream_timeout);
}

TEST_F(UpstreamCallTest, TheRequestsOwnDeadlineIsATimeoutToo) {
  Origin origin(loop_);
  support::Gate gate;
  const auto call = with_body(http::Method::post, "POST", 4);
  call->request_body.add("abcd", &gate);  // while it is still being sent
  call->start(pool({active(origin.address())}), nullptr, loop_.now() + net::Duration(20));
  ASSERT_TRUE(run_until([&] { return call->answered(); }));
  EXPECT_EQ(call->error()->code, Code::upstream_timeout);
}

TEST_F(UpstreamCallTest, BytesBehindTheAnswerCostTheConnection) {
  Origin origin(loop_);
  Pool& to = pool({active(origin.address())});
  const auto call = get();
  call->start(to);
  ASSERT_TRUE(run_until([&] { return origin.asked(0); }));
  origin.peer(0).send(std::string(ok) + "HTTP/1.1 200 OK\r\n");
  ASSERT_TRUE(run_until([&] { return call->answered(); }));
  call->start_reading();
  ASSERT_TRUE(run_until([&] { return call->body_ended; }));
  EXPECT_EQ(call->body, "ok");
  call->drop();
  ASSERT_TRUE(run_until([&] { return origin.peer(0).over(); }));
}

TEST_F(UpstreamCallTest, ABodyThatIsNotReadToItsEndCostsTheConnection) {
  Origin origin(loop_);
  const auto call = get();
  call->start(pool({active(origin.address())}));
  ASSERT_TRUE(run_until([&] { return origin.asked(0); }));
  origin.peer(0).send(ok);
  ASSERT_TRUE(run_until([&] { return call->answered(); }));
  call->drop();
  ASSERT_TRUE(run_until([&] { return origin.peer(0).over(); }));
}

// Nobody waits for the answer any more: whatever the call was at ends with it.
TEST_F(UpstreamCallTest, IsCancelledWhereverItWaits) {
  enum Where { connecting, sending, waiting, relaying, reading, after };
  for (const Where where : {connecting, sending, waiting, relaying, reading, after}) {
    Origin origin(loop_);
    Interims interims;
    support::Gate gate;
    if (where == relaying) interims.gate = &gate;
    const auto call = with_body(http::Method::post, "POST", 4);
    call->request_body.add("ab");
    call->request_body.add("cd", where == sending ? &gate : nullptr);
    call->start(pool({active(origin.address())}), &interims);
    if (where != connecting) {
      ASSERT_TRUE(run_until([&] { return origin.asked(0); }));
    }
    if (where == relaying) {
      origin.peer(0).send("HTTP/1.1 103 Early Hints\r\n\r\n");
      ASSERT_TRUE(run_until([&] { return gate.has_waiter(); }));
    }
    if (where == reading || where == after) {
      origin.peer(0).send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n12");
      ASSERT_TRUE(run_until([&] { return call->answered(); }));
    }
    if (where == reading) {
      call->start_reading();
      ASSERT_TRUE(run_until([&] { return call->body == "12"; }));
    }
    call->drop();
    EXPECT_FALSE(gate.has_waiter());
    turn();
    ASSERT_TRUE(run_until([&] { return origin.accepted() == 0 || origin.peer(0).over(); })) << where;
    EXPECT_EQ(loop_.buffers().in_use(), 0U) << where;
  }
}

// The log line is written after all else, when the endpoint may be gone.
TEST_F(UpstreamCallTest, TheLogKnowsAnEndpointThatIsGone) {
  Origin origin(loop_);
  Pool& to = pool({active(origin.address())});
  const auto call = get();
  call->start(to);
  ASSERT_TRUE(run_until([&] { return origin.asked(0); }));
  to.update({});
  origin.peer(0).send(ok);
  ASSERT_TRUE(run_until([&] { return call->answered(); }));
  call->drop();
  EXPECT_EQ(call->log.endpoint, origin.address());
}

TEST_F(UpstreamCallTest, TheLogKnowsTheEndpointThatWasTriedLast) {
  const auto nobody = support::unused_address();
  const auto call = get();
  call->start(pool({active(nobody)}));
  ASSERT_TRUE(run_until([&] { return call->answered(); }));
  EXPECT_EQ(call->error()->code, Code::connect_failed);
  EXPECT_EQ(call->log.endpoint, nobody);
  EXPECT_EQ(call->log.attempts, 1U);
}

}  // namespace
}  // namespace sallyport::proxy
