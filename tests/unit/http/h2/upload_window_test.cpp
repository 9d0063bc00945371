// SPDX-License-Identifier: Apache-2.0
// Uploads that share a connection's window: those that nobody reads do not stop the others (reference:
// reliability-security.md H2-6).

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "unit/http/h2/h2_server_test.hpp"

namespace sallyport::http::h2 {
namespace {

class H2UploadTest : public H2ServerTest {
 protected:
  H2UploadTest() {
    handler_.script = [this](Incoming& incoming) { return counts(incoming, gate_); };
  }

  // How long the body was. "/late" is not read before the gate opens.
  static net::Task<Result<Response>> counts(Incoming& incoming, support::Gate& gate) {
    if (incoming.request.head.path == "/late") co_await gate.opened();
    std::size_t size = 0;
    for (;;) {
      const Result<std::string_view> piece = co_await incoming.request.body->read();
      if (!piece) co_return Failure(piece.error());
      if (piece->empty()) break;
      size += piece->size();
    }
    co_return support::text_response(incoming.arena, std::to_string(size));
  }

  // As much of these bytes as both windows have room for now; with the last one, the end. How many.
  std::size_t upload(H2Client& client, std::uint32_t stream, std::size_t size) {
    std::size_t sent = 0;
    while (sent != size) {
      const std::size_t all = first_window + client.window_given(0) - all_sent_;
      const std::size_t its = settings_.http2.stream_window + client.window_given(stream) - sent_[stream];
      const std::size_t piece = std::min({size - sent, all, its, std::size_t{16 * 1024}});
      if (piece == 0) break;
      sent += piece;
      sent_[stream] += piece;
      all_sent_ += piece;
      client.data(stream, std::string(piece, 'x'), sent == size);
    }
    return sent;
  }

  // So many whole windows that nobody reads yet.
  std::unique_ptr<H2Client> start_late(std::uint32_t count) {
    auto client = start();
    EXPECT_TRUE(run_until([&] { return client->settings_seen() == 1; }));
    client->send(FrameType::settings, flag_ack, 0);
    for (std::uint32_t i = 0; i < count; ++i) {
      client->headers(1 + 2 * i, h2_post("/late"), false);
      EXPECT_EQ(upload(*client, 1 + 2 * i, settings_.http2.stream_window), settings_.http2.stream_window);
    }
    EXPECT_TRUE(run_until([&] { return handler_.seen.size() == count; }));
    return client;
  }

  static constexpr std::size_t first_window = 65'535;

  std::map<std::uint32_t, std::size_t> sent_;
  std::size_t all_sent_ = 0;
};

TEST_F(H2UploadTest, ThreeThatNobodyReadsDoNotStopTheFourth) {
  constexpr std::size_t size = 1'000'000;
  auto client = start_late(3);
  client->headers(7, h2_post("/"), false);
  std::size_t left = size;
  ASSERT_TRUE(run_until([&] {
    left -= upload(*client, 7, left);
    return client->answer(7).over();
  }));
  EXPECT_EQ(client->answer(7).body, std::to_string(size));
  gate_.open();
  ASSERT_TRUE(answered(*client, 5));
  EXPECT_EQ(client->answer(5).body, "65536");
}

// It has paddings and streams that are gone in it too.
TEST_F(H2UploadTest, TheWindowIsWholeAgainWhenAllWasRead) {
  auto client = start_late(3);
  const std::string padded = "\x7f" + std::string(100, 'x') + std::string(0x7f, '\0');
  client->headers(7, h2_post("/"), false);
  for (int i = 0; i < 200; ++i) {
    client->send(FrameType::data, 0x8, 7, padded);
    all_sent_ += padded.size();
    sent_[7] += padded.size();
    if (i % 20 == 0) turn(4);
  }
  client->data(7, "", true);
  ASSERT_TRUE(answered(*client, 7));
  EXPECT_EQ(client->answer(7).body, "20000");
  gate_.open();
  ASSERT_TRUE(
      run_until([&] { return client->answer(1).over() && client->answer(3).over() && client->answer(5).over(); }));
  // No more than half of it is ever kept back.
  EXPECT_GE(first_window + client->window_given(0) - all_sent_, settings_.http2.connection_window / 2);
  EXPECT_LE(first_window + client->window_given(0) - all_sent_, settings_.http2.connection_window);
}

TEST_F(H2UploadTest, WhoMayNotSendIsNotSlow) {
  settings_.body = {.grace = net::Duration(100), .bytes_per_second = 256};
  auto client = start_late(4);
  client->headers(9, h2_post("/"), false);
  EXPECT_EQ(upload(*client, 9, 5), 0U) << "there is no window left";
  ASSERT_TRUE(run_past(loop_.now() + net::Duration(400)));
  EXPECT_FALSE(client->answer(9).over());
  gate_.open();
  std::size_t left = 5;
  ASSERT_TRUE(run_until([&] {
    if (left != 0) left -= upload(*client, 9, left);
    return client->answer(9).over();
  }));
  EXPECT_EQ(client->answer(9).body, "5");
}

TEST_F(H2UploadTest, WhoMayIsAllTheSame) {
  settings_.body = {.grace = net::Duration(100), .bytes_per_second = 256};
  auto client = start_late(3);
  client->headers(7, h2_post("/"), false);
  ASSERT_TRUE(answered(*client, 7));
  EXPECT_EQ(client->answer(7).status(), "408");
}

}  // namespace
}  // namespace sallyport::http::h2
