// SPDX-License-Identifier: Apache-2.0
// Short answers that wait for the end of the turn, or then for a client that takes nothing: none of them is lost, and
// none is cut without a reset (H1-18). How many answers fit between the two ends is the kernel's business, so each test
// tries one number after the other: for one of them the last answer is the one that waits.
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <memory>
#include <string>

#include "http/fixed_body.hpp"
#include "support/descriptors.hpp"
#include "support/server_test.hpp"

namespace sallyport::http::h1 {
namespace {

class PutOffTest : public support::ServerTest {
 protected:
  static constexpr int most_requests = 16;

  PutOffTest() {
    handler_.script = [](Incoming& incoming) { return says_a_page(incoming); };
  }

  static net::Task<Result<Response>> says_a_page(Incoming& incoming) {
    static const std::string page(3'900, 'x');
    Response response(incoming.arena);
    response.head.framing = {.kind = Framing::Kind::length, .length = page.size()};
    response.body.reset(incoming.arena.make<FixedBody>(page));
    co_return response;
  }

  // With little room in the kernel, so that a client that takes nothing is felt at once. It has asked, and takes
  // nothing yet. Not over TCP where that is not needed: there, a window that was closed opens only slowly.
  std::unique_ptr<support::Peer> asks(int requests, support::Pair pair = support::local_pair(SOCK_STREAM)) {
    support::set_small_buffers(pair.one);
    support::set_small_buffers(pair.other);
    server().accept(std::move(pair.one), http::ConnectionFacts::of(*syntax::SocketAddress::parse("192.0.2.1:1234")));
    auto client = std::make_unique<support::Peer>(loop_, std::move(pair.other));
    client->hold();
    for (int i = 0; i < requests; ++i) client->send(get("/"));
    return client;
  }

  static int answers(const support::Peer& client) {
    int count = 0;
    const std::string end = "\r\n\r\n" + std::string(3'900, 'x');
    for (auto at = client.text().find(end); at != std::string::npos; at = client.text().find(end, at + 1)) ++count;
    return count;
  }
};

TEST_F(PutOffTest, AClientThatHasEndedItsSideGetsItsLastAnswer) {
  for (int requests = 1; requests <= most_requests; ++requests) {
    const auto client = asks(requests);
    client->finish();
    turn(20);
    client->release();
    ASSERT_TRUE(run_until([&] { return client->over(); }));
    EXPECT_TRUE(client->saw_end()) << requests;
    EXPECT_EQ(answers(*client), requests);
  }
}

TEST_F(PutOffTest, AnAnswerThatWaitsForTheClientIsSentHoweverIdleTheConnectionIs) {
  settings_.idle = net::Duration(30);
  for (int requests = 1; requests <= most_requests; ++requests) {
    const auto client = asks(requests);
    ASSERT_TRUE(run_past(net::Clock::now() + 3 * settings_.idle));
    client->release();
    ASSERT_TRUE(run_until([&] { return client->over(); }));
    EXPECT_EQ(answers(*client), requests);
  }
}

TEST_F(PutOffTest, AnAnswerThatWaitsForTheClientIsSentAlsoWhenTheServerDrains) {
  for (int requests = 1; requests <= most_requests; ++requests) {
    const auto client = asks(requests);
    turn(20);
    server().drain();
    client->release();
    ASSERT_TRUE(run_until([&] { return client->over(); }));
    EXPECT_TRUE(client->saw_end()) << requests;
    EXPECT_GE(answers(*client), 1);
    server().undo_drain();
  }
}

TEST_F(PutOffTest, AnAnswerThatIsGivenUpHalfWayEndsWithAReset) {
  settings_.write_stall = net::Duration(20);
  for (int requests = 1; requests <= 8; ++requests) {
    const auto client = asks(requests, support::tcp_pair());
    ASSERT_TRUE(run_past(net::Clock::now() + 5 * settings_.write_stall));
    client->release();
    ASSERT_TRUE(run_until([&] { return client->over() || answers(*client) == requests; }));
    EXPECT_FALSE(client->saw_end()) << requests;
  }
}

// Nothing that the kernel tells comes any more, for the client never reads.
TEST_F(PutOffTest, AClientThatNeverReadsIsGoneAfterTheStall) {
  settings_.write_stall = net::Duration(20);
  for (int requests = 1; requests <= most_requests; ++requests) {
    const auto client = asks(requests);
    ASSERT_TRUE(run_past(net::Clock::now() + 10 * settings_.write_stall));
    if (server().connections() == 0) continue;
    client->release();  // all had room in the kernel
    ASSERT_TRUE(run_until([&] { return client->over() || answers(*client) == requests; }));
    EXPECT_EQ(answers(*client), requests);
    client->finish();
    ASSERT_TRUE(run_until([&] { return server().connections() == 0; }));
  }
}

// It comes behind the answers that wait, and is no reason to give the client up.
TEST_F(PutOffTest, AClientThatWaitsForContinueGetsItBehindAnAnswerThatIsStuck) {
  handler_.script = [](Incoming& incoming) {
    return incoming.request.body != nullptr ? support::say_body(incoming) : says_a_page(incoming);
  };
  const std::string go_on = "HTTP/1.1 100 Continue\r\n\r\n";
  for (int requests = 1; requests <= most_requests; ++requests) {
    const auto client = asks(requests);
    client->send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
    turn(20);
    client->release();
    ASSERT_TRUE(run_until([&] { return client->over() || client->text().ends_with(go_on); })) << requests;
    ASSERT_FALSE(client->over()) << requests;
    EXPECT_EQ(answers(*client), requests);
    client->send("hello");
    ASSERT_TRUE(run_until([&] { return client->over() || client->text().ends_with("\r\n\r\nhello"); }));
    ASSERT_FALSE(client->over()) << requests;
    client->finish();
    ASSERT_TRUE(run_until([&] { return server().connections() == 0; }));
  }
}

TEST_F(PutOffTest, ContinueDoesNotWaitForEverForAClientThatNeverReads) {
  settings_.write_stall = net::Duration(20);
  settings_.body = {.grace = net::Duration(20), .bytes_per_second = 256};
  settings_.linger = net::Duration(20);
  handler_.script = [](Incoming& incoming) {
    return incoming.request.body != nullptr ? support::say_body(incoming) : says_a_page(incoming);
  };
  for (int requests = 1; requests <= most_requests; ++requests) {
    const auto client = asks(requests);
    client->send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
    ASSERT_TRUE(run_until([&] { return server().connections() == 0; })) << requests;
  }
}

// The idle deadline of before is over by the time that the loop comes to what is there.
TEST_F(PutOffTest, RequestsThatWaitForTheirTurnAreNotIdle) {
  constexpr int requests = 40;  // more than are served at once
  handler_.script = support::say_path;
  settings_.idle = net::Duration(20);
  const auto client = connect();
  turn();
  for (int i = 0; i < requests; ++i) client->send(get("/"));
  for (const net::Time late = net::Clock::now() + 2 * settings_.idle; net::Clock::now() < late;) {
  }
  ASSERT_TRUE(run_until([&] { return client->over() || handler_.seen.size() == requests; }));
  EXPECT_EQ(handler_.seen.size(), requests);
}

}  // namespace
}  // namespace sallyport::http::h1
