// SPDX-License-Identifier: Apache-2.0
// Clients who stop to receive, as scripts of the session fuzzers have them: their sockets are full in the end, and
// whoever sends to them has to wait. (tests/fuzz/corpus/h2_session/two_full_sockets does the same.)

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "support/session_clock.hpp"
#include "support/session_h2_play.hpp"

namespace sallyport::proxy {
namespace {

using support::H2Side;
using support::PlayedH2Client;
using support::PlayedH2Upstream;

constexpr std::uint16_t initial_window_size = 4;
constexpr int rounds = 24;
constexpr std::size_t tags = 50'000;  // of five bytes, in a round

std::string repeated(const std::string& tag, std::size_t times) {
  std::string text;
  for (std::size_t i = 0; i < times; ++i) text += tag;
  return text;
}

class FullSocketsTest : public testing::Test {
 protected:
  void turn_until_quiet() {
    for (int quiet = 0; quiet < 3;) quiet = play_.turn() ? 0 : quiet + 1;
  }
  bool turn_until(const std::function<bool()>& condition) {
    const auto limit = support::kernel_clock() + std::chrono::seconds(30);
    while (!condition() && support::kernel_clock() < limit) play_.turn();
    return condition();
  }
  // Who has all windows there are, and receives nothing.
  void add_client() {
    PlayedH2Client& client = *play_.connect();
    client.side.send_settings({{initial_window_size, 0x7FFFFFFF}});
    client.side.give_window(0, 1 << 24);
    turn_until_quiet();
    client.side.wire.set_holds(true);
    for (int i = 0; i < 2; ++i) play_.ask(client, "GET", {}, true);
  }
  void for_each_answer(const std::function<void(PlayedH2Upstream&, std::uint32_t, H2Side::Stream&)>& call) {
    for (PlayedH2Upstream& upstream : play_.upstreams()) {
      for (auto& [id, stream] : upstream.side.streams()) {
        if (id != 0 && !stream.head.empty()) call(upstream, id, stream);
      }
    }
  }

  support::H2Play play_;
};

TEST_F(FullSocketsTest, ClientsWhoStopToReceiveHoldUpTheirUpstreamsAndGetAllWhenTheyGoOn) {
  add_client();
  add_client();
  turn_until_quiet();
  int answers = 0;
  for_each_answer(
      [&](auto& upstream, std::uint32_t id, auto&) { answers += play_.answer_head(upstream, id, {}, false); });
  ASSERT_EQ(answers, 4);
  for (int round = 0; round < rounds; ++round) {
    for_each_answer([](auto& upstream, std::uint32_t id, auto& stream) {
      upstream.side.say(id, repeated(stream.tag, tags), false);
    });
    turn_until_quiet();
  }
  for_each_answer([](auto&, std::uint32_t, auto& stream) {
    EXPECT_LT(stream.sent, stream.said.size()) << stream.tag << ": the socket of its client took all";
    EXPECT_GT(stream.sent, 0U) << stream.tag;
  });
  for (PlayedH2Client& client : play_.clients()) client.side.wire.set_holds(false);
  for_each_answer([](auto& upstream, std::uint32_t id, auto&) { upstream.side.say(id, "", true); });
  for (PlayedH2Client& client : play_.clients()) {
    for (const std::uint32_t id : {1U, 3U}) {
      const H2Side::Stream& stream = client.side.streams()[id];
      EXPECT_TRUE(turn_until([&] { return stream.ended || stream.was_reset; })) << client.number << ": " << id;
      EXPECT_EQ(stream.body.size(), rounds * tags * stream.tag.size()) << client.number << ": " << id;
    }
  }
  play_.end();
  EXPECT_EQ(play_.fault(), "");
}

}  // namespace
}  // namespace sallyport::proxy
