// SPDX-License-Identifier: Apache-2.0
// Connections that nobody asks for anything hold little, and go on as if nothing had been.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/text.hpp"
#include "unit/http/h2/h2_server_test.hpp"

namespace sallyport::http::h2 {
namespace {

constexpr std::uint16_t initial_window = 4;
constexpr std::size_t little = 6'000;  // nghttp2's session alone has half as much again

// What came, field by field; the answer has fields of its own for the client's table.
net::Task<Result<Response>> say_fields(Incoming& incoming) {
  std::string seen;
  for (const Field& field : incoming.request.head.fields) seen += text::cat(field.name, "=", field.value, ";");
  Response response = support::text_response(incoming.arena, seen);
  EXPECT_TRUE(response.head.fields.add("x-answer", incoming.arena.copy(incoming.request.head.path)));
  EXPECT_TRUE(response.head.fields.add("x-always", "the same"));
  co_return response;
}

class SessionSleepTest : public H2ServerTest {
 protected:
  SessionSleepTest() { settings_.http2.nap = net::Duration(1); }

  std::unique_ptr<H2Client> begin(const std::vector<std::pair<std::uint16_t, std::uint32_t>>& entries = {}) {
    auto client = start(entries);
    client->send(FrameType::settings, flag_ack, 0);
    EXPECT_TRUE(run_until([&] { return client->settings_acknowledged() == 1; }));
    return client;
  }
  bool falls_asleep() {
    return run_until([&] { return ledger_.held() < little; });
  }
  std::string ask(H2Client& client, std::uint32_t stream, HeaderList fields = {}) {
    client.headers(stream, h2_get("/" + std::to_string(stream), std::move(fields)));
    EXPECT_TRUE(answered(client, stream));
    return client.answer(stream).body;
  }
  void serve_body(std::size_t size) {
    handler_.script = [size](Incoming& incoming) { return say_bytes(incoming, size); };
  }
  static net::Task<Result<Response>> say_bytes(Incoming& incoming, std::size_t size) {
    co_return support::text_response(incoming.arena, std::string(size, 'x'));
  }
};

TEST_F(SessionSleepTest, AConnectionThatIsNotAskedHoldsLittle) {
  auto client = begin();
  ASSERT_TRUE(falls_asleep()) << ledger_.held() << ": before the first request";
  EXPECT_EQ(ask(*client, 1), "/1");
  EXPECT_GT(ledger_.held(), little);
  ASSERT_TRUE(falls_asleep()) << ledger_.held();
  EXPECT_EQ(ask(*client, 3), "/3");
}

TEST_F(SessionSleepTest, BothTablesOfFieldsGoOn) {
  handler_.script = say_fields;
  auto client = begin();
  HeaderList fields;
  std::string expected;
  for (int i = 0; i < 95; ++i) {  // more than the table holds
    const std::string name = "x-" + std::to_string(i);
    fields.emplace_back(name, std::string(static_cast<std::size_t>(i % 20), 'v'));
    expected += name + "=" + std::string(static_cast<std::size_t>(i % 20), 'v') + ";";
  }
  for (std::uint32_t stream = 1; stream < 12; stream += 2) {
    EXPECT_EQ(ask(*client, stream, fields), expected) << stream;
    EXPECT_EQ(client->answer(stream).value("x-answer"), "/" + std::to_string(stream));
    EXPECT_EQ(client->answer(stream).value("x-always"), "the same");
    ASSERT_TRUE(falls_asleep()) << ledger_.held();
  }
  EXPECT_FALSE(client->over());
}

TEST_F(SessionSleepTest, WhatTheTableHasMayBeNoRequestByItself) {
  handler_.script = say_fields;
  auto client = begin();
  HeaderList request = {{":method", "GET"}, {":scheme", "http"}, {":path", "/1"}, {":authority", "one.test"}};
  const HeaderList more = {{"te", "trailers"}, {"content-length", "0"}, {"x-empty", ""}};
  request.insert(request.end(), more.begin(), more.end());
  for (std::uint32_t stream = 1; stream < 8; stream += 2) {
    request[3].second = "host" + std::to_string(stream) + ".test";  // each is in the table
    client->headers(stream, request);
    ASSERT_TRUE(answered(*client, stream));
    EXPECT_EQ(client->answer(stream).status(), "200");
    EXPECT_NE(client->answer(stream).body.find("x-empty=;"), std::string::npos) << client->answer(stream).body;
    ASSERT_TRUE(falls_asleep()) << ledger_.held();
  }
}

TEST_F(SessionSleepTest, TheClientsWindowsAreAsTheyWere) {
  serve_body(60'000);
  auto client = begin();
  EXPECT_EQ(ask(*client, 1).size(), 60'000U);
  ASSERT_TRUE(falls_asleep());
  client->headers(3, h2_get("/"));
  ASSERT_TRUE(run_until([&] { return client->answer(3).body.size() == 5'535; }));
  turn(10);
  EXPECT_EQ(client->answer(3).body.size(), 5'535U) << "there is no more room";
  client->send(h2_window_update(0, 200'000));
  ASSERT_TRUE(answered(*client, 3));
  ASSERT_TRUE(falls_asleep());
  for (const std::uint32_t stream : {5U, 7U, 9U}) client->headers(stream, h2_get("/"));
  const auto came = [&] {
    return client->answer(5).body.size() + client->answer(7).body.size() + client->answer(9).body.size();
  };
  ASSERT_TRUE(run_until([&] { return came() == 145'535; })) << came();
  turn(10);
  EXPECT_EQ(came(), 145'535U);
}

TEST_F(SessionSleepTest, TheWindowOfItsStreamsIsTheClientsWish) {
  serve_body(100);
  auto client = begin({{initial_window, 10}});
  client->headers(1, h2_get("/"));
  client->send(h2_window_update(1, 90));
  ASSERT_TRUE(answered(*client, 1));
  ASSERT_TRUE(falls_asleep());
  client->headers(3, h2_get("/"));
  ASSERT_TRUE(run_until([&] { return client->answer(3).body.size() == 10; }));
  turn(10);
  EXPECT_EQ(client->answer(3).body.size(), 10U);
}

TEST_F(SessionSleepTest, OurWindowIsWholeAgain) {
  handler_.script = support::say_body;
  auto client = begin();
  const std::uint64_t before = client->window_given(0);
  client->headers(1, h2_post("/"), false);
  for (int i = 0; i < 3; ++i) client->data(1, std::string(10'000, 'x'), i == 2);
  ASSERT_TRUE(answered(*client, 1));
  ASSERT_TRUE(falls_asleep());
  EXPECT_TRUE(run_until([&] { return client->window_given(0) - before == 30'000; })) << client->window_given(0);
  EXPECT_EQ(ask(*client, 3), "");
}

TEST_F(SessionSleepTest, FramesOfStreamsThatAreGoneAreHeardAsBefore) {
  auto client = begin();
  EXPECT_EQ(ask(*client, 5), "/5");
  ASSERT_TRUE(falls_asleep());
  client->send(h2_window_update(5, 10));
  client->send(h2_reset(5, ErrorCode::cancel));
  EXPECT_EQ(ask(*client, 7), "/7");
  ASSERT_TRUE(falls_asleep());
  client->headers(3, h2_get("/"));
  expect_end(*client, ErrorCode::protocol_error);
}

TEST_F(SessionSleepTest, AnEndIsSaidAsBefore) {
  auto client = begin();
  EXPECT_EQ(ask(*client, 5), "/5");
  ASSERT_TRUE(falls_asleep());
  server().drain();
  expect_end(*client, ErrorCode::no_error);
  EXPECT_EQ(client->goaways().back().last, 5U);
}

TEST_F(SessionSleepTest, WhoHasNotAcknowledgedOurSettingsIsNotPutToSleep) {
  auto client = start();
  EXPECT_EQ(ask(*client, 1), "/1");
  run_past(net::Clock::now() + net::Duration(20));
  EXPECT_GT(ledger_.held(), little);
  EXPECT_EQ(ask(*client, 3), "/3");
}

TEST_F(SessionSleepTest, WhoSentWhatNobodyHeardOfIsNotPutToSleep) {
  auto client = begin();
  client->headers(1, h2_get("/", {{"connection", "close"}}));
  expect_reset(*client, 1, ErrorCode::protocol_error);
  run_past(net::Clock::now() + net::Duration(20));
  EXPECT_GT(ledger_.held(), little);
  EXPECT_EQ(ask(*client, 3), "/3");
}

}  // namespace
}  // namespace sallyport::http::h2
