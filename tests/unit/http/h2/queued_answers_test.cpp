// SPDX-License-Identifier: Apache-2.0
// What waits in a session to be written, while other sessions of the thread write, and while what it was made of is
// given back.

#include <gtest/gtest.h>

#include <algorithm>

#include "unit/http/h2/h2_server_test.hpp"

namespace sallyport::http::h2 {
namespace {

constexpr std::uint16_t initial_window_size = 4;

class H2QueuedTest : public H2ServerTest {
 protected:
  static constexpr std::size_t piece_size = 200'000;
  static constexpr std::size_t pieces = 60;

  static net::Task<Result<Response>> says_much(Incoming& incoming) {
    Response response(incoming.arena);
    auto* body = incoming.arena.make<support::ScriptedBody>();
    for (std::size_t i = 0; i < pieces; ++i) body->add(std::string(piece_size, 'x'));
    response.head.framing.kind = Framing::Kind::chunked;
    response.body = ArenaPtr<Body>(body);
    co_return response;
  }

  // Takes nothing of an answer that is longer than any socket: whatever comes behind it waits in the session.
  std::unique_ptr<H2Client> start_full(std::uint32_t stream) {
    auto client = start({{initial_window_size, 0x7FFFFFFF}});
    client->send(h2_window_update(0, 0x7FFF0000));
    client->peer().hold();
    client->headers(stream, h2_get("/long"));
    turn(50);
    return client;
  }
};

TEST_F(H2QueuedTest, WhatHadNoRoomGoesOnUnderItsOwnHeader) {
  handler_.script = [](Incoming& incoming) {
    return incoming.request.head.path == "/" ? support::say_path(incoming) : says_much(incoming);
  };
  auto slow = start_full(5);
  auto other = start();
  other->headers(1, h2_get("/"));
  ASSERT_TRUE(answered(*other, 1));
  slow->peer().release();
  ASSERT_TRUE(answered(*slow, 5));
  EXPECT_EQ(slow->answer(5).body.size(), pieces * piece_size);
}

net::Task<Result<Response>> hints_and_forgets(Incoming& incoming) {
  std::string link = "</early.css>; rel=preload";
  ResponseHead hints(incoming.arena);
  hints.status = 103;
  EXPECT_TRUE(hints.fields.add("Link", link));
  const Result<void> sent = co_await incoming.interim.interim(hints);
  EXPECT_TRUE(sent);
  std::ranges::fill(link, '!');
  co_return support::text_response(incoming.arena, "done");
}

// Its texts are of a buffer that the next head is read into.
TEST_F(H2QueuedTest, AnInterimHeadIsWhatItWasWhenItWasGiven) {
  handler_.script = hints_and_forgets;
  auto client = start();
  client->headers(1, h2_get("/"));
  ASSERT_TRUE(answered(*client, 1));
  ASSERT_EQ(client->answer(1).interim.size(), 1U);
  const HeaderList hints = {{":status", "103"}, {"link", "</early.css>; rel=preload"}};
  EXPECT_EQ(client->answer(1).interim[0], hints);
}

}  // namespace
}  // namespace sallyport::http::h2
