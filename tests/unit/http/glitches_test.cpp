// SPDX-License-Identifier: Apache-2.0
// What odd but legal things cost a connection, and what becomes of one that has too many.
#include "http/glitches.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>

#include "base/text.hpp"
#include "support/server_test.hpp"

namespace sallyport::http::h1 {
namespace {

class GlitchesTest : public support::ServerTest {
 protected:
  // What `times` such requests on one connection cost it.
  std::uint32_t points_of(std::string_view request, int times = 1) {
    const Notes before = server().notes();
    const auto client = connect();
    for (int i = 0; i < times; ++i) {
      client->send(request);
      EXPECT_TRUE(run_until([&] { return client->text().ends_with("/x") || client->over(); })) << request;
      client->take();
      turn();
    }
    return glitch_points(notes_after(*client)) - glitch_points(before);
  }
  // Of all connections, once this one has ended too.
  const Notes& notes_after(support::Peer& client) {
    client.close();
    run_until([&] { return server().connections() == 0; });
    return server().notes();
  }

  std::string plain(std::string_view fields = {}) {
    return text::cat("GET /x HTTP/1.1\r\nHost: a\r\n", fields, "\r\n");
  }
  std::string chunked(std::string_view body) {
    return text::cat("POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", body);
  }
  static std::string times(std::string_view text, int count) {
    std::string all;
    for (int i = 0; i < count; ++i) all += text;
    return all;
  }

  // Reads the whole body, then says the path.
  static net::Task<Result<Response>> read_all(Incoming& incoming) {
    while (incoming.request.body != nullptr) {
      const Result<std::string_view> piece = co_await incoming.request.body->read();
      if (!piece) co_return Failure(piece.error());
      if (piece->empty()) break;
    }
    co_return co_await support::say_path(incoming);
  }
};

TEST_F(GlitchesTest, AWellBehavedClientHasNone) {
  EXPECT_EQ(points_of(plain("User-Agent: curl/8.0\r\nAccept: */*\r\n"), 30), 0U);
  EXPECT_EQ(points_of(plain("Connection: keep-alive\r\nAccept-Encoding: gzip, br\r\nCookie: a=b\r\n"), 5), 0U);
  handler_.script = [](Incoming& incoming) { return read_all(incoming); };
  EXPECT_EQ(points_of(chunked("400\r\n" + std::string(1024, 'x') + "\r\n0\r\n\r\n"), 5), 0U);
  EXPECT_EQ(points_of(chunked("1\r\na\r\n1\r\nb\r\n0\r\n\r\n"), 5), 0U) << "who types";
  handler_.script = support::say_path;
  const auto h2c = plain("Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n");
  EXPECT_EQ(points_of(h2c, 5), 0U);
}

TEST_F(GlitchesTest, EachCauseCosts) {
  EXPECT_EQ(points_of("\r\n" + plain()), 1U);
  EXPECT_EQ(points_of(plain("a_b: 1\r\nc_d: 2\r\n")), 2U);
  EXPECT_EQ(points_of(plain("Connection: authorization\r\nAuthorization: x\r\n")), protected_option_points);
  EXPECT_EQ(points_of(plain("Connection: upgrade\r\nUpgrade: h2c, TLS/1.2\r\n")), 1U);
  EXPECT_EQ(points_of(plain("Connection: upgrade\r\nUpgrade:\r\n")), 1U);
  EXPECT_EQ(points_of(plain("Expect: 100-continue\r\n")), 1U);
  handler_.script = [](Incoming& incoming) { return read_all(incoming); };
  EXPECT_EQ(points_of(chunked("9;a=b\r\n123456789\r\n0\r\n\r\n")), 1U);
  EXPECT_EQ(points_of(chunked("9\r\n123456789\r\n0\r\nHost: b\r\n\r\n")), 1U);
  EXPECT_EQ(points_of(chunked(times("1\r\na\r\n", tiny_chunks_a_point) + "0\r\n\r\n")), 1U);
}

TEST_F(GlitchesTest, AHeadInManySmallPiecesCosts) {
  const auto client = connect();
  const std::string head = plain("X-Long: " + std::string(100, 'x') + "\r\n");
  for (const char c : head) {
    client->send(std::string_view(&c, 1));
    turn(2);
  }
  ASSERT_TRUE(run_until([&] { return client->text().ends_with("/x"); }));
  EXPECT_GE(notes_after(*client).tiny_reads, head.size() / 2);
  EXPECT_GE(glitch_points(server().notes()), head.size() / 2 / tiny_reads_a_point);
}

TEST_F(GlitchesTest, AtThreeQuartersTheAnswerIsTheLastOne) {
  settings_.limits.glitches = 8;
  const auto client = connect();
  for (int i = 0; i < 5; ++i) {
    client->send(plain("a_b: 1\r\n"));
    ASSERT_TRUE(run_until([&] { return client->text().ends_with("/x"); }));
    EXPECT_EQ(client->take().find("Connection: close"), std::string::npos);
    turn();
  }
  client->send(plain("a_b: 1\r\n"));
  ASSERT_TRUE(run_until([&] { return client->over(); }));
  EXPECT_TRUE(client->text().starts_with("HTTP/1.1 200 OK\r\n"));
  EXPECT_NE(client->text().find("Connection: close"), std::string::npos);
  EXPECT_EQ(notes_after(*client).glitch_ends, 1U);
}

TEST_F(GlitchesTest, AnAnswerOfOursInPlaceOfAnotherEndsTheConnectionOnce) {
  settings_.limits.glitches = 8;
  const Error broken{.code = Code::upstream_reset};
  handler_.script = [&](Incoming& incoming) { return fails_in_body(incoming, broken); };
  const auto client = connect();
  client->send(plain("a_b: 1\r\nc_d: 1\r\ne_f: 1\r\ng_h: 1\r\ni_j: 1\r\nk_l: 1\r\n"));
  ASSERT_TRUE(run_until([&] { return client->over(); }));
  EXPECT_TRUE(client->text().starts_with("HTTP/1.1 502 Bad Gateway\r\n")) << client->text();
  EXPECT_EQ(notes_after(*client).glitch_ends, 1U);
}

TEST_F(GlitchesTest, AtTheLimitTheHeadIsRefused) {
  settings_.limits.glitches = 3;
  const auto client = connect();
  client->send(plain("a_b: 1\r\nc_d: 1\r\ne_f: 1\r\n"));
  ASSERT_TRUE(run_until([&] { return client->over(); }));
  EXPECT_TRUE(client->text().starts_with("HTTP/1.1 400 Bad Request\r\n"));
  EXPECT_NE(client->text().find("(glitches)"), std::string::npos) << client->text();
  EXPECT_TRUE(handler_.seen.empty());
  EXPECT_EQ(notes_after(*client).glitch_ends, 1U);
}

TEST_F(GlitchesTest, AtTheLimitABodyIsCutShort) {
  settings_.limits.glitches = 10;
  handler_.script = [](Incoming& incoming) { return read_all(incoming); };
  const auto client = connect();
  client->send(chunked(times("9;a=b\r\n123456789\r\n", 20)));
  ASSERT_TRUE(run_until([&] { return client->over(); }));
  EXPECT_TRUE(client->text().starts_with("HTTP/1.1 400 Bad Request\r\n")) << client->text();
  EXPECT_EQ(notes_after(*client).glitch_ends, 1U);
  EXPECT_EQ(server().notes().chunk_extensions, 10U);
}

TEST_F(GlitchesTest, AnotherConnectionBeginsWithNone) {
  settings_.limits.glitches = 4;
  for (int i = 0; i < 5; ++i) {
    const auto client = connect();
    client->send(plain("a_b: 1\r\nc_d: 1\r\n"));
    ASSERT_TRUE(run_until([&] { return client->text().ends_with("/x"); }));
    EXPECT_EQ(client->text().find("Connection: close"), std::string::npos);
  }
}

}  // namespace
}  // namespace sallyport::http::h1
