// SPDX-License-Identifier: Apache-2.0
// Requests one after the other, deadlines, errors and ends of a client's connection. Bodies, Expect and tunnels:
// server_body_connection_test.cpp.
#include "http/h1/server_connection.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "support/server_test.hpp"

namespace sallyport::http::h1 {
namespace {

using support::Gate;
using support::Peer;
using support::say_path;
using support::say_path_after;
using support::text_response;

class ServerConnectionTest : public support::ServerTest {};

TEST_F(ServerConnectionTest, AnswersAndKeepsTheConnection) {
  const auto client = connect();
  for (const std::string_view path : {"/one", "/two", "/three"}) {
    client->send(get(path));
    run_until([&] { return client->text().ends_with(path); });
    EXPECT_TRUE(client->take().starts_with("HTTP/1.1 200 OK\r\n"));
  }
  EXPECT_FALSE(client->over());
  EXPECT_EQ(server().connections(), 1U);
  ASSERT_EQ(handler_.outcomes.size(), 3U);
  EXPECT_EQ(handler_.outcomes[1].status, 200);
  EXPECT_EQ(handler_.outcomes[1].sent, 4U);
  EXPECT_FALSE(handler_.outcomes[1].error);
}

TEST_F(ServerConnectionTest, AnExplanationIsSaidByTheAnswerWhoeverMakesIt) {
  handler_.script = [](Incoming& incoming) -> net::Task<Result<Response>> {
    if (incoming.request.head.path != "/silent") incoming.explanation = "rule=\"r\"";
    if (incoming.request.head.path == "/none") co_return fail(Code::no_path);
    Response response = text_response(incoming.arena, "yes");
    EXPECT_TRUE(response.head.fields.add("X-Sallyport-Explain", "an upstream's"));
    co_return response;
  };
  const auto client = connect();
  client->send(get("/one"));
  run_until([&] { return client->text().ends_with("yes"); });
  const std::string answer = client->take();
  EXPECT_NE(answer.find("X-Sallyport-Explain: rule=\"r\"\r\n"), std::string::npos) << answer;
  EXPECT_EQ(answer.find("upstream's"), std::string::npos);
  client->send(get("/silent"));
  run_until([&] { return client->text().size() > answer.size() && client->text().ends_with("yes"); });
  EXPECT_EQ(client->take().find("X-Sallyport-Explain"), std::string::npos);
  client->send(get("/none"));
  run_until([&] { return client->text().find("HTTP/1.1 404 ") != std::string::npos; });
  EXPECT_NE(client->take().find("X-Sallyport-Explain: rule=\"r\"\r\n"), std::string::npos);
}

TEST_F(ServerConnectionTest, AnIdleConnectionHoldsNoBuffer) {
  const auto client = connect();
  run_until([&] { return server().connections() == 1; });
  EXPECT_EQ(loop_.buffers().in_use(), 0U);
  client->send(get("/one"));
  run_until([&] { return client->text().ends_with("/one"); });
  turn();
  EXPECT_EQ(loop_.buffers().in_use(), 0U);
}

TEST_F(ServerConnectionTest, AConnectionThatWaitsForTheRestOfAHeadHoldsOneBuffer) {
  const auto client = connect();
  client->send("GET / HT");
  run_until([&] { return loop_.buffers().in_use() != 0; });
  EXPECT_EQ(loop_.buffers().in_use(), net::BufferPool::small);
}

TEST_F(ServerConnectionTest, AHeadMayComeByteByByte) {
  const auto client = connect();
  for (const char c : get("/slowly")) {
    client->send(std::string_view(&c, 1));
    turn(1);
  }
  run_until([&] { return client->text().ends_with("/slowly"); });
}

TEST_F(ServerConnectionTest, PipelinedRequestsAreAnsweredInOrder) {
  const auto client = connect();
  std::string requests;
  for (int i = 0; i < 40; ++i) requests += get(text::cat("/", i));
  client->send(requests);
  run_until([&] { return handler_.outcomes.size() == 40; });
  run_until([&] { return client->text().ends_with("/39"); });
  for (int i = 0; i < 40; ++i) EXPECT_EQ(handler_.seen[static_cast<std::size_t>(i)], text::cat("/", i));
}

TEST_F(ServerConnectionTest, PipeliningLetsOthersHaveTheirTurnAfter16) {
  const auto greedy = connect();
  std::string requests;
  for (int i = 0; i < 60; ++i) requests += get("/greedy");
  const auto modest = connect();
  run_until([&] { return server().connections() == 2; });
  greedy->send(requests);
  modest->send(get("/modest"));
  run_until([&] { return modest->text().ends_with("/modest"); });
  EXPECT_LE(std::ranges::find(handler_.seen, "/modest") - handler_.seen.begin(), 32);
  run_until([&] { return handler_.seen.size() == 61; });
}

TEST_F(ServerConnectionTest, RequestsOfAConnectionAreServedOneByOne) {
  Gate gate;
  handler_.script = [&](Incoming& incoming) { return say_path_after(incoming, gate); };
  const auto client = connect();
  client->send(get("/one") + get("/two"));
  run_until([&] { return handler_.seen.size() == 1; });
  turn();
  EXPECT_EQ(handler_.seen.size(), 1U);
  gate.open();
  run_until([&] { return client->text().ends_with("/two"); });
}

TEST_F(ServerConnectionTest, ASlowHeadGets408AndTheEnd) {
  settings_.head = net::Duration(20);
  const auto client = connect();
  client->send("GET / HTTP/1.1\r\nHost: a");
  run_until([&] { return client->saw_end(); });
  EXPECT_TRUE(client->text().starts_with("HTTP/1.1 408 Request Timeout\r\n")) << client->text();
  EXPECT_NE(client->text().find("Connection: close\r\n"), std::string::npos);
  EXPECT_EQ(handler_.refusals, 1);
  ASSERT_EQ(handler_.outcomes.size(), 1U);
  EXPECT_EQ(handler_.outcomes[0].status, 408);
  EXPECT_STREQ(handler_.outcomes[0].rule, "H1-16");
}

TEST_F(ServerConnectionTest, TheHeadsDeadlineIsNotRenewedByItsBytes) {
  settings_.head = net::Duration(40);
  const auto client = connect();
  std::string head = "GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ";
  run_until([&] {
    client->send(head.empty() ? "x" : head);
    head.clear();
    return client->saw_end();
  });
  EXPECT_TRUE(client->text().starts_with("HTTP/1.1 408 ")) << client->text();
}

TEST_F(ServerConnectionTest, AnIdleConnectionEndsWithoutAWord) {
  settings_.idle = net::Duration(20);
  const auto client = connect();
  client->send(get("/one"));
  run_until([&] { return client->text().ends_with("/one"); });
  client->take();
  run_until([&] { return client->saw_end(); });
  EXPECT_EQ(client->take(), "");
  EXPECT_EQ(server().connections(), 0U);
  EXPECT_EQ(handler_.refusals, 0);
}

TEST_F(ServerConnectionTest, TheIdleDeadlineDoesNotEndARequest) {
  settings_.idle = net::Duration(20);
  Gate gate;
  handler_.script = [&](Incoming& incoming) { return say_path_after(incoming, gate); };
  const auto client = connect();
  client->send(get("/one"));
  run_until([&] { return gate.has_waiter(); });
  const net::Time past = loop_.now() + net::Duration(40);
  run_past(past);
  gate.open();
  run_until([&] { return client->text().ends_with("/one"); });
}

// The last receive filled its room, so that only asking the kernel tells that nothing more is there: idle, not a head.
TEST_F(ServerConnectionTest, ABodyThatFillsItsBufferLeavesAnIdleConnection) {
  handler_.script = support::say_body;
  const auto client = connect();
  client->send(text::cat("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ", net::BufferPool::large, "\r\n\r\n"));
  run_until([&] { return handler_.seen.size() == 1; });
  client->send(std::string(net::BufferPool::large, 'x'));
  run_until([&] { return handler_.outcomes.size() == 1; });
  turn();
  EXPECT_EQ(loop_.buffers().in_use(), 0U);
  EXPECT_EQ(server().connections(), 1U);
}

TEST_F(ServerConnectionTest, AMalformedHeadGets400WithItsRuleAndTheEnd) {
  const auto client = connect();
  client->send("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n");
  run_until([&] { return client->saw_end(); });
  EXPECT_TRUE(client->text().starts_with("HTTP/1.1 400 Bad Request\r\n"));
  EXPECT_NE(client->text().find("H1-1"), std::string::npos);
  EXPECT_EQ(handler_.refusals, 1);
  EXPECT_TRUE(handler_.seen.empty());
  ASSERT_EQ(handler_.outcomes.size(), 1U);
  EXPECT_EQ(handler_.outcomes[0].status, 400);
  client->finish();
  run_until([&] { return server().connections() == 0; });
}

TEST_F(ServerConnectionTest, NothingBehindARefusedHeadIsServed) {
  const auto client = connect();
  client->send("BAD\r\n\r\n" + get("/hidden"));
  run_until([&] { return client->saw_end(); });
  EXPECT_TRUE(handler_.seen.empty());
}

TEST_F(ServerConnectionTest, AHandlersErrorBecomesAnAnswer) {
  handler_.script = [](Incoming& incoming) { return fails(incoming, Code::no_path); };
  const auto client = connect();
  client->send(get("/one"));
  run_until([&] { return client->text().starts_with("HTTP/1.1 404 Not Found\r\n"); });
  client->take();
  handler_.script = say_path;
  client->send(get("/two"));
  run_until([&] { return client->text().ends_with("/two"); });
  EXPECT_EQ(handler_.outcomes[0].status, 404);
  EXPECT_EQ(handler_.outcomes[0].error, Code::no_path);
}

TEST_F(ServerConnectionTest, AnErrorsAnswerToHeadHasNoBody) {
  handler_.script = [](Incoming& incoming) { return fails(incoming, Code::no_path); };
  const auto client = connect();
  client->send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
  run_until([&] { return client->text().ends_with("\r\n\r\n"); });
  EXPECT_NE(client->text().find("Content-Length: "), std::string::npos);
}

TEST_F(ServerConnectionTest, CloseOfARequestEndsTheConnectionAfterItsAnswer) {
  const auto client = connect();
  client->send("GET /last HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" + get("/hidden"));
  run_until([&] { return client->saw_end(); });
  EXPECT_TRUE(client->text().ends_with("/last"));
  EXPECT_NE(client->text().find("Connection: close\r\n"), std::string::npos);
  EXPECT_EQ(handler_.seen.size(), 1U);
}

TEST_F(ServerConnectionTest, AnHttp10ClientGetsTheEndUnlessItAsksToStay) {
  const auto ends = connect();
  ends->send("GET /ends HTTP/1.0\r\n\r\n");
  run_until([&] { return ends->saw_end(); });
  EXPECT_TRUE(ends->text().starts_with("HTTP/1.1 200 OK\r\n"));
  EXPECT_NE(ends->text().find("Connection: close\r\n"), std::string::npos);

  const auto stays = connect();
  stays->send("GET /stays HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  run_until([&] { return stays->text().ends_with("/stays"); });
  EXPECT_NE(stays->text().find("Connection: keep-alive\r\n"), std::string::npos);
  stays->send("GET /again HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  run_until([&] { return stays->text().ends_with("/again"); });
}

TEST_F(ServerConnectionTest, AClientThatEndsWithoutARequestIsNoRefusal) {
  const auto client = connect();
  run_until([&] { return server().connections() == 1; });
  client->finish();
  run_until([&] { return server().connections() == 0; });
  EXPECT_EQ(handler_.refusals, 0);
  EXPECT_EQ(closed_, 1);
  EXPECT_TRUE(handler_.outcomes.empty());
}

TEST_F(ServerConnectionTest, AClientThatEndsWithinAHeadIsGone) {
  const auto client = connect();
  client->send("GET / HT");
  client->finish();
  run_until([&] { return server().connections() == 0; });
  EXPECT_EQ(handler_.refusals, 1);
  expect_gone_once();
}

TEST_F(ServerConnectionTest, AClientThatFinishedSendingStillGetsItsAnswer) {
  Gate gate;
  handler_.script = [&](Incoming& incoming) { return say_path_after(incoming, gate); };
  const auto client = connect();
  client->send(get("/half"));
  client->finish();
  run_until([&] { return gate.has_waiter(); });
  turn();
  gate.open();
  run_until([&] { return client->saw_end(); });
  EXPECT_TRUE(client->text().ends_with("/half"));
  run_until([&] { return server().connections() == 0; });
}

TEST_F(ServerConnectionTest, AResetDestroysTheHandlersTaskAndTheHooksRunOnce) {
  Gate gate;
  handler_.script = [&](Incoming& incoming) { return say_path_after(incoming, gate); };
  const auto client = connect();
  client->send(get("/one"));
  run_until([&] { return gate.has_waiter(); });
  client->reset();
  run_until([&] { return server().connections() == 0; });
  EXPECT_FALSE(gate.has_waiter()) << "its coroutine is gone";
  expect_gone_once();
  EXPECT_EQ(loop_.buffers().in_use(), 0U);
}

// Bytes and reset come as one event; the head's reader takes the bytes.
TEST_F(ServerConnectionTest, AResetRightBehindARequestDestroysTheHandlersTask) {
  Gate gate;
  handler_.script = [&](Incoming& incoming) { return say_path_after(incoming, gate); };
  const auto client = connect();
  client->send("GET /one HTTP/1.1\r\n");
  run_until([&] { return loop_.buffers().in_use() != 0; });
  turn();
  client->send("Host: a\r\n\r\n");
  client->reset();
  run_until([&] { return server().connections() == 0; });
  EXPECT_FALSE(gate.has_waiter());
  expect_gone_once();
}

TEST_F(ServerConnectionTest, AResetWhileTheAnswerIsWrittenIsSeen) {
  handler_.script = [](Incoming& incoming) { return says_much(incoming); };
  const auto client = connect();
  client->hold();
  client->send(get("/much"));
  run_until([&] { return handler_.seen.size() == 1; });
  turn();
  EXPECT_TRUE(handler_.outcomes.empty());
  client->reset();
  run_until([&] { return server().connections() == 0; });
  expect_gone_once();
}

TEST_F(ServerConnectionTest, AClientThatTakesNothingIsReset) {
  settings_.write_stall = net::Duration(20);
  handler_.script = [](Incoming& incoming) { return says_much(incoming); };
  const auto client = connect();
  client->hold();
  client->send(get("/much"));
  run_until([&] { return server().connections() == 0; });
  expect_gone_once();
  client->release();
  run_until([&] { return client->over(); });
  EXPECT_TRUE(client->saw_reset()) << "a short answer must not look whole";
}

TEST_F(ServerConnectionTest, DestroyingTheServerEndsWhatRuns) {
  Gate gate;
  handler_.script = [&](Incoming& incoming) { return say_path_after(incoming, gate); };
  const auto busy = connect();
  const auto idle = connect();
  busy->send(get("/one"));
  run_until([&] { return gate.has_waiter() && server().connections() == 2; });
  destroy_server();
  EXPECT_FALSE(gate.has_waiter());
  expect_gone_once();
  EXPECT_EQ(loop_.buffers().in_use(), 0U);
  run_until([&] { return busy->over() && idle->over(); });
}

TEST_F(ServerConnectionTest, DrainEndsIdleConnectionsNow) {
  const auto client = connect();
  client->send(get("/one"));
  run_until([&] { return client->text().ends_with("/one"); });
  turn();
  server().drain();
  run_until([&] { return client->saw_end(); });
  EXPECT_EQ(server().connections(), 0U);
}

TEST_F(ServerConnectionTest, DrainAnswersARequestThatHadArrivedUnseen) {
  const auto client = connect();
  client->send(get("/one"));
  run_until([&] { return client->text().ends_with("/one"); });
  turn();
  client->send(get("/two"));
  server().drain();  // before the loop could tell of it
  run_until([&] { return client->saw_end(); });
  EXPECT_TRUE(client->text().ends_with("/two"));
}

TEST_F(ServerConnectionTest, DrainWaitsForTheFirstRequestOfANewConnection) {
  const auto client = connect();
  run_until([&] { return server().connections() == 1; });
  server().drain();
  turn();
  EXPECT_FALSE(client->over());
  client->send(get("/one"));
  run_until([&] { return client->saw_end(); });
  EXPECT_TRUE(client->text().ends_with("/one"));
}

TEST_F(ServerConnectionTest, DrainEndsOthersAfterTheirAnswerWhichSaysSo) {
  Gate gate;
  handler_.script = [&](Incoming& incoming) { return say_path_after(incoming, gate); };
  const auto client = connect();
  client->send(get("/one"));
  run_until([&] { return gate.has_waiter(); });
  server().drain();
  turn();
  EXPECT_FALSE(client->over());
  gate.open();
  run_until([&] { return client->saw_end(); });
  EXPECT_TRUE(client->text().ends_with("/one"));
  EXPECT_NE(client->text().find("Connection: close\r\n"), std::string::npos);
}

// The head had promised to stay.
TEST_F(ServerConnectionTest, DrainEndsAConnectionWhoseAnswerHadBegun) {
  Gate gate;
  handler_.script = [&](Incoming& incoming) { return streams(incoming, "early", gate, "late", nullptr); };
  const auto client = connect();
  client->send(get("/one"));
  run_until([&] { return client->text().find("early") != std::string::npos; });
  server().drain();
  turn();
  gate.open();
  run_until([&] { return client->saw_end(); });
  EXPECT_TRUE(client->text().ends_with("0\r\n\r\n"));
}

TEST_F(ServerConnectionTest, ConnectionsAreForgottenInAnyOrder) {
  std::vector<std::unique_ptr<Peer>> clients;
  for (int i = 0; i < 5; ++i) clients.push_back(connect());
  run_until([&] { return server().connections() == 5; });
  for (const std::size_t which : {2U, 0U, 4U, 1U, 3U}) {
    clients[which]->reset();
    const std::size_t left = server().connections() - 1;
    run_until([&] { return server().connections() == left; });
  }
  EXPECT_EQ(closed_, 5);
  EXPECT_EQ(server().accepted(), 5U);
}

TEST_F(ServerConnectionTest, ManyClientsThatComeAskAndResetLeaveNothingBehind) {
  for (int round = 0; round < 20; ++round) {
    std::vector<std::unique_ptr<Peer>> clients;
    for (int i = 0; i < 10; ++i) {
      clients.push_back(connect());
      clients.back()->send(get("/one").substr(0, static_cast<std::size_t>(round + i)));
    }
    turn(1 + round % 3);
    for (const auto& client : clients) client->reset();
    run_until([&] { return server().connections() == 0; });
  }
  EXPECT_EQ(loop_.buffers().in_use(), 0U);
}

}  // namespace
}  // namespace sallyport::http::h1
