// SPDX-License-Identifier: Apache-2.0
// What connections are charged, and what a worker has its server do when there is little left.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "http/h1/server_connection.hpp"
#include "support/server_test.hpp"

namespace sallyport::http::h1 {
namespace {

using support::Gate;
using support::Peer;
using support::say_path_after;

class ServerPressureTest : public support::ServerTest {
 protected:
  std::unique_ptr<Peer> answered() {
    auto client = connect();
    client->send(get("/one"));
    EXPECT_TRUE(run_until([&] { return client->text().ends_with("/one"); }));
    client->take();
    turn();
    return client;
  }
};

TEST_F(ServerPressureTest, AConnectionIsChargedForItselfAndAnExchangeForMore) {
  Gate gate;
  handler_.script = [&](Incoming& incoming) { return say_path_after(incoming, gate); };
  const auto client = connect();
  const std::size_t idle = ledger_.held();
  EXPECT_EQ(idle, sizeof(ServerConnection));
  client->send(get("/one"));
  ASSERT_TRUE(run_until([&] { return gate.has_waiter(); }));
  EXPECT_EQ(ledger_.held(), idle + net::BufferPool::small + scratch_cost);
  gate.open();
  ASSERT_TRUE(run_until([&] { return client->text().ends_with("/one"); }));
  turn();
  EXPECT_EQ(ledger_.held(), idle);
  client->close();
  ASSERT_TRUE(run_until([&] { return server().connections() == 0; }));
  EXPECT_EQ(ledger_.held(), 0U);
}

TEST_F(ServerPressureTest, AConnectionThatTheLedgerRefusesIsClosed) {
  ASSERT_TRUE(ledger_.charge(64 * 1024 * 1024));
  const auto client = connect();
  EXPECT_EQ(server().connections(), 0U);
  EXPECT_TRUE(run_until([&] { return client->over(); }));
  ledger_.release(64 * 1024 * 1024);
}

TEST_F(ServerPressureTest, AnExchangeForWhichThereIsNothingLeftEndsWithAReset) {
  const auto client = connect();
  const std::size_t left = 64 * 1024 * 1024 - ledger_.held();
  ASSERT_TRUE(ledger_.charge(left));
  client->send(get("/one"));
  ASSERT_TRUE(run_until([&] { return client->over(); }));
  EXPECT_TRUE(client->saw_reset());
  EXPECT_TRUE(handler_.seen.empty());
  ledger_.release(left);
}

TEST_F(ServerPressureTest, AfterAHostileMixNothingIsHeld) {
  handler_.script = [](Incoming& incoming) {
    return incoming.request.head.path == "/much" ? says_much(incoming) : support::say_path(incoming);
  };
  std::vector<std::unique_ptr<Peer>> clients;
  const std::string large = text::cat("GET /x HTTP/1.1\r\nHost: a\r\nX: ", std::string(30'000, 'x'));
  for (const std::string& bytes :
       {std::string("GET"), large, get("/much"), std::string("\r\n\r\n\r\n"), std::string("nonsense\r\n\r\n"),
        large + "\r\n\r\n", text::cat("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nhalf"),
        get("/a") + get("/b"), std::string()}) {
    for (int i = 0; i < 5; ++i) {
      clients.push_back(connect());
      clients.back()->hold();
      clients.back()->send(bytes);
    }
  }
  turn(20);
  EXPECT_GT(loop_.buffers().in_use(), 5 * net::BufferPool::large);
  for (std::size_t i = 0; i < clients.size(); ++i) i % 2 == 0 ? clients[i]->reset() : clients[i]->close();
  ASSERT_TRUE(run_until([&] { return server().connections() == 0; }));
  EXPECT_EQ(ledger_.held(), 0U);
  EXPECT_EQ(loop_.buffers().in_use(), 0U);
}

TEST_F(ServerPressureTest, ShorterTimesHoldForThoseWhoAreIdleAlready) {
  settings_.idle = net::Duration(3'600'000);
  const auto client = answered();
  ServerSettings shorter = settings_;
  shorter.idle = net::Duration(10);
  server().use(shorter);
  EXPECT_TRUE(run_until([&] { return client->over(); }));
  EXPECT_TRUE(client->saw_end());
  server().use(settings_);
}

TEST_F(ServerPressureTest, ShorterTimesThatComeAndGoAreNotAddedUp) {
  settings_.idle = net::Duration(3'600'000);
  const auto client = answered();
  ServerSettings shorter = settings_;
  shorter.idle = net::Duration(1'800'000);
  for (int i = 0; i < 3; ++i) {
    server().use(shorter);
    server().use(settings_);
  }
  turn(20);
  EXPECT_FALSE(client->over());
}

// It may be about to ask for the first time.
TEST_F(ServerPressureTest, WhoCameUnderShorterTimesWasNotIdleSinceLongAgo) {
  ServerSettings shorter = settings_;
  shorter.idle = settings_.idle / 4;
  server();
  server().use(shorter);
  const auto client = connect();
  server().use(settings_);
  EXPECT_EQ(server().end_oldest_idle(1), 0U);
}

TEST_F(ServerPressureTest, LongerTimesHoldForThoseWhoComeLater) {
  ServerSettings shorter = settings_;
  shorter.head = net::Duration(10);
  server();
  server().use(shorter);
  const auto late = connect();
  late->send("GET /");
  ASSERT_TRUE(run_until([&] { return late->over(); }));
  EXPECT_TRUE(late->text().starts_with("HTTP/1.1 408 "));
  server().use(settings_);
  const net::Time from = loop_.now();
  const auto in_time = connect();
  in_time->send("GET /one HTTP/1.1\r\n");
  ASSERT_TRUE(run_past(from + net::Duration(20)));
  in_time->send("Host: a\r\n\r\n");
  EXPECT_TRUE(run_until([&] { return in_time->text().ends_with("/one"); }));
}

TEST_F(ServerPressureTest, WhileItShedsNoAnswerLetsItsConnectionStay) {
  const auto client = answered();
  server().set_sheds(true);
  client->send(get("/last"));
  ASSERT_TRUE(run_until([&] { return client->over(); }));
  EXPECT_NE(client->text().find("Connection: close"), std::string::npos);
  EXPECT_TRUE(client->text().ends_with("/last"));
  server().set_sheds(false);
  const auto next = answered();
  EXPECT_FALSE(next->over());
}

TEST_F(ServerPressureTest, TheOldestIdleConnectionsEndFirst) {
  std::vector<std::unique_ptr<Peer>> clients;
  for (int i = 0; i < 4; ++i) {
    clients.push_back(answered());
    ASSERT_TRUE(run_past(loop_.now() + net::Duration(2)));
  }
  EXPECT_EQ(server().end_oldest_idle(4), 0U) << "they were answered just now";
  ASSERT_TRUE(run_past(loop_.now() + net::Duration(1'000)));
  EXPECT_EQ(server().end_oldest_idle(2), 2U);
  ASSERT_TRUE(run_until([&] { return server().connections() == 2; }));
  turn();
  EXPECT_TRUE(clients[0]->saw_end() && clients[1]->saw_end());
  EXPECT_FALSE(clients[2]->over() || clients[3]->over());
  EXPECT_EQ(server().end_oldest_idle(100), 2U);
}

TEST_F(ServerPressureTest, ARequestThatIsThereIsServedBeforeItsConnectionEnds) {
  const auto client = answered();
  ASSERT_TRUE(run_past(loop_.now() + net::Duration(1'001)));
  client->send(get("/here"));
  EXPECT_EQ(server().end_oldest_idle(1), 0U);
  ASSERT_TRUE(run_until([&] { return client->text().ends_with("/here"); }));
}

TEST_F(ServerPressureTest, TheExchangeThatHoldsMostIsReset) {
  Gate of_small, of_large;
  handler_.script = [&](Incoming& incoming) {
    return say_path_after(incoming, incoming.request.head.path == "/small" ? of_small : of_large);
  };
  EXPECT_FALSE(server().reset_largest(0));
  EXPECT_EQ(server().largest(), 0U);
  const auto small = connect();
  const auto large = connect();
  small->send(get("/small"));
  large->send(text::cat("GET /large HTTP/1.1\r\nHost: a\r\nX: ", std::string(30'000, 'x'), "\r\n\r\n"));
  ASSERT_TRUE(run_until([&] { return handler_.seen.size() == 2; }));
  const std::size_t most = server().largest();
  EXPECT_EQ(most, sizeof(ServerConnection) + net::BufferPool::large + scratch_cost);
  EXPECT_FALSE(server().reset_largest(most + 1)) << "it holds too little";
  EXPECT_TRUE(server().reset_largest(most));
  ASSERT_TRUE(run_until([&] { return large->over(); }));
  EXPECT_TRUE(large->saw_reset());
  ASSERT_EQ(handler_.outcomes.size(), 1U);
  EXPECT_EQ(handler_.outcomes[0].error, Code::overloaded);
  of_small.open();
  EXPECT_TRUE(run_until([&] { return small->text().ends_with("/small"); }));
}

}  // namespace
}  // namespace sallyport::http::h1
