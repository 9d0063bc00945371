// SPDX-License-Identifier: Apache-2.0
// How connections end that nobody needs, and what is waited for.

#include <gtest/gtest.h>

#include "unit/http/h2/h2_server_test.hpp"

namespace sallyport::http::h2 {
namespace {

class H2PressureTest : public H2ServerTest {};

TEST_F(H2PressureTest, AnIdleConnectionHoldsLittleAndEnds) {
  settings_.idle = net::Duration(200);
  auto client = start();
  client->headers(1, h2_get("/"));
  ASSERT_TRUE(answered(*client, 1));
  ASSERT_TRUE(run_until([&] { return server().idle() == 1; }));
  EXPECT_LE(ledger_.held(), 16U * 1024);
  expect_end(*client, ErrorCode::no_error);
  ASSERT_TRUE(run_until([&] { return client->peer().saw_end(); }));
}

TEST_F(H2PressureTest, AClientThatSaysNothingEnds) {
  settings_.head = net::Duration(100);
  auto client = connect();
  ASSERT_TRUE(run_until([&] { return client->over(); }));
  ASSERT_TRUE(run_until([&] { return closed_ == 1; }));
}

TEST_F(H2PressureTest, ShorterSettingsEndIdleConnectionsSooner) {
  auto client = start();
  client->headers(1, h2_get("/"));
  ASSERT_TRUE(answered(*client, 1));
  ServerSettings hurried = settings_;
  hurried.idle = net::Duration(50);
  server().use(hurried);
  expect_end(*client, ErrorCode::no_error);
}

TEST_F(H2PressureTest, TheOldestIdleOnesEndFirst) {
  auto first = start();
  first->headers(1, h2_get("/"));
  ASSERT_TRUE(answered(*first, 1));
  ASSERT_TRUE(run_past(loop_.now() + net::Duration(20)));
  auto second = start();
  second->headers(1, h2_get("/"));
  ASSERT_TRUE(answered(*second, 1));
  EXPECT_EQ(server().end_oldest_idle(1), 0U) << "they have just been answered";
  ASSERT_TRUE(run_past(loop_.now() + net::Duration(1'010)));
  EXPECT_EQ(server().end_oldest_idle(1), 1U);
  expect_end(*first, ErrorCode::no_error);
  EXPECT_FALSE(second->over());
}

TEST_F(H2PressureTest, TheLargestIsCutOff) {
  handler_.script = [&](Incoming& incoming) { return support::say_path_after(incoming, gate_); };
  auto small = start();
  small->headers(1, h2_get("/"));
  auto large = start();
  large->headers(1, h2_post("/"), false);
  large->headers(3, h2_post("/"), false);
  large->data(1, std::string(16'000, 'x'));
  ASSERT_TRUE(run_until([&] { return handler_.seen.size() == 3; }));
  const std::size_t largest = server().largest();
  EXPECT_FALSE(server().reset_largest(largest + 1));
  EXPECT_TRUE(server().reset_largest(largest));
  ASSERT_TRUE(run_until([&] { return large->peer().saw_reset(); }));
  ASSERT_EQ(handler_.outcomes.size(), 2U);
  EXPECT_EQ(handler_.outcomes[0].error, Code::overloaded);
  EXPECT_FALSE(small->over());
}

TEST_F(H2PressureTest, WhenSheddingAConnectionEndsAfterItsAnswer) {
  auto client = start();
  server().set_sheds(true);
  client->headers(1, h2_get("/"));
  ASSERT_TRUE(answered(*client, 1));
  EXPECT_EQ(client->answer(1).status(), "200");
  ASSERT_TRUE(run_until([&] { return client->over(); }));
}

TEST_F(H2PressureTest, AClientThatTakesNothingIsReset) {
  settings_.write_stall = net::Duration(100);
  handler_.script = [](Incoming& incoming) -> net::Task<Result<Response>> {
    Response response(incoming.arena);
    auto* body = incoming.arena.make<support::ScriptedBody>();
    body->repeat_for_ever(std::string(60'000, 'x'));
    response.head.framing.kind = Framing::Kind::chunked;
    response.body = ArenaPtr<Body>(body);
    co_return response;
  };
  auto client = start({{4, 0x7FFFFFFF}});
  client->send(h2_window_update(0, 0x7FFF0000));
  client->headers(1, h2_get("/"));
  client->peer().hold();
  ASSERT_TRUE(run_until([&] { return handler_.outcomes.size() == 1; }));
  EXPECT_EQ(handler_.outcomes[0].error, Code::client_gone);
}

TEST_F(H2PressureTest, ASlowUploadEnds) {
  settings_.body = {.grace = net::Duration(100), .bytes_per_second = 256};
  handler_.script = support::say_body;
  auto client = start();
  client->headers(1, h2_post("/"), false);
  client->data(1, "a");
  ASSERT_TRUE(answered(*client, 1));
  EXPECT_EQ(client->answer(1).status(), "408");
}

TEST_F(H2PressureTest, NoRoomForAStreamIsARefusalThatMayBeTriedAgain) {
  settings_.http2.connection_bytes = 220 * 1024;
  handler_.script = [&](Incoming& incoming) { return support::say_path_after(incoming, gate_); };
  auto client = start();
  for (std::uint32_t stream = 1; stream < 80; stream += 2) client->headers(stream, h2_get("/"));
  ASSERT_TRUE(answered(*client, 79));
  EXPECT_EQ(client->answer(79).reset, ErrorCode::refused_stream);
  gate_.open();
  ASSERT_TRUE(answered(*client, 1));
  EXPECT_EQ(client->answer(1).status(), "200");
}

// No window comes any more: nothing is to be gained by waiting for one.
TEST_F(H2PressureTest, AClientThatEndedWithoutAWindowIsNotWaitedFor) {
  settings_.write_stall = net::Duration(3'600'000);
  auto client = start({{4, 0}});
  client->headers(1, h2_get("/"));
  ASSERT_TRUE(run_until([&] { return client->answer(1).status() == "200"; }));
  EXPECT_TRUE(handler_.outcomes.empty());
  client->peer().finish();
  ASSERT_TRUE(run_until([&] { return handler_.outcomes.size() == 1 && client->over(); }));
  EXPECT_EQ(handler_.outcomes[0].error, Code::client_gone);
}

TEST_F(H2PressureTest, TheClientsHalfMayEnd) {
  handler_.script = [&](Incoming& incoming) { return support::say_path_after(incoming, gate_); };
  auto client = start();
  client->headers(1, h2_get("/"));
  client->peer().finish();
  ASSERT_TRUE(run_until([&] { return handler_.seen.size() == 1; }));
  turn();
  gate_.open();
  ASSERT_TRUE(answered(*client, 1));
  EXPECT_EQ(client->answer(1).body, "/");
  ASSERT_TRUE(run_until([&] { return client->over(); }));
}

}  // namespace
}  // namespace sallyport::http::h2
