// SPDX-License-Identifier: Apache-2.0
#include "http/h1/message_writer.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <cstring>
#include <optional>
#include <string>
#include <vector>

#include "http/fixed_body.hpp"
#include "support/descriptors.hpp"
#include "support/loop_test.hpp"
#include "support/peer.hpp"
#include "support/scripted_body.hpp"

namespace sallyport::http::h1 {
namespace {

using Kind = Framing::Kind;
using support::ScriptedBody;

constexpr std::string_view head = "HEAD\r\n\r\n";

net::Task<void> send(MessageWriter& writer, Body* body, Kind framing, std::optional<MessageWriter::Failed>& failed) {
  failed = co_await writer.send(body, framing);
}

// Over a socket that keeps each send apart from the next.
class MessageWriterTest : public support::LoopTest {
 protected:
  void start(Body* body, Kind framing) {
    ASSERT_TRUE(writer_.put_head(head.size(), [](std::span<char> room) {
      std::memcpy(room.data(), head.data(), head.size());
      return std::optional(head.size());
    }));
    EXPECT_TRUE(writer_.nothing_sent());
    task_ = send(writer_, body, framing, failed_);
    task_.start();
  }

  std::vector<std::string> sends() {
    std::vector<std::string> all;
    std::string room(200'000, '\0');
    for (;;) {
      const ssize_t got = ::recv(pair_.other.get(), room.data(), room.size(), 0);
      if (got < 0) return all;
      all.emplace_back(room, 0, static_cast<std::size_t>(got));
    }
  }
  void expect_sent(const std::vector<std::string>& wanted) {
    EXPECT_TRUE(task_.done());
    EXPECT_TRUE(failed_ && !*failed_);
    EXPECT_EQ(sends(), wanted);
  }

  support::Pair pair_ = support::local_pair(SOCK_SEQPACKET);
  net::Socket socket_{loop_, std::move(pair_.one), nullptr};
  net::Ledger ledger_{512 * 1024};
  MessageWriter writer_{socket_, ledger_, net::Duration(20'000)};
  std::optional<MessageWriter::Failed> failed_;
  net::Task<void> task_;
  support::Gate gate_;
};

TEST_F(MessageWriterTest, AHeadWithoutABodyIsOneSend) {
  start(nullptr, Kind::none);
  expect_sent({"HEAD\r\n\r\n"});
  EXPECT_FALSE(writer_.nothing_sent());
}

TEST_F(MessageWriterTest, AHeadAndASmallBodyAreOneSend) {
  FixedBody body("hello");
  start(&body, Kind::length);
  expect_sent({"HEAD\r\n\r\nhello"});
  EXPECT_EQ(writer_.body_bytes(), 5U);
}

TEST_F(MessageWriterTest, AHeadAndAllChunksThatAreReadyAreOneSend) {
  ScriptedBody body;
  body.add("hello");
  body.add("0123456789abcdef");
  start(&body, Kind::chunked);
  expect_sent({"HEAD\r\n\r\n5\r\nhello\r\n10\r\n0123456789abcdef\r\n0\r\n\r\n"});
  EXPECT_EQ(writer_.body_bytes(), 21U) << "without framing";
}

TEST_F(MessageWriterTest, AnEmptyBodyInChunksIsTheLastChunk) {
  ScriptedBody body;
  start(&body, Kind::chunked);
  expect_sent({"HEAD\r\n\r\n0\r\n\r\n"});
}

TEST_F(MessageWriterTest, TheHeadDoesNotWaitForABodyThatIsNotReady) {
  ScriptedBody body;
  body.add("late", &gate_);
  start(&body, Kind::length);
  EXPECT_FALSE(task_.done());
  EXPECT_EQ(sends(), std::vector<std::string>{"HEAD\r\n\r\n"});
  gate_.open();
  expect_sent({"late"});
}

TEST_F(MessageWriterTest, NothingIsHeldBackWhileTheNextPieceIsWaitedFor) {
  ScriptedBody body;
  body.add("event");
  body.add("next", &gate_);
  start(&body, Kind::chunked);
  EXPECT_EQ(sends(), std::vector<std::string>{"HEAD\r\n\r\n5\r\nevent\r\n"});
  gate_.open();
  expect_sent({"4\r\nnext\r\n0\r\n\r\n"});
}

TEST_F(MessageWriterTest, ALargePieceGoesOutWithTheHeadFromWhereItLies) {
  const std::string large(100'000, 'x');
  FixedBody body(large);
  start(&body, Kind::length);
  expect_sent({"HEAD\r\n\r\n" + large});
  EXPECT_LE(ledger_.held(), net::BufferPool::small);
}

TEST_F(MessageWriterTest, ALargeChunkHasItsFramingAround) {
  const std::string large(0x10000, 'x');
  ScriptedBody body;
  body.add(large);
  body.add("y");
  start(&body, Kind::chunked);
  expect_sent({"HEAD\r\n\r\n10000\r\n" + large, "\r\n1\r\ny\r\n0\r\n\r\n"});
}

// Whatever fits or does not fit behind what is held, the bytes are the same.
TEST_F(MessageWriterTest, PiecesOfAllSizesAroundTheBuffersAreFramedRight) {
  constexpr std::size_t room = net::BufferPool::small - head.size();
  for (std::size_t size = room - 20; size < room + 4; ++size) {
    support::Pair pair = support::local_pair(SOCK_SEQPACKET);
    net::Socket socket(loop_, std::move(pair.one), nullptr);
    MessageWriter writer(socket, ledger_, net::Duration(20'000));
    ASSERT_TRUE(writer.put_head(head.size(), [](std::span<char> to) {
      std::memcpy(to.data(), head.data(), head.size());
      return std::optional(head.size());
    }));
    ScriptedBody body;
    const std::string first(size, 'a');
    body.add(first);
    body.add("bc");
    task_ = send(writer, &body, Kind::chunked, failed_);
    task_.start();
    ASSERT_TRUE(task_.done());
    std::swap(pair_.other, pair.other);
    std::string all;
    for (const std::string& one : sends()) all += one;
    std::array<char, 20> hex;
    std::snprintf(hex.data(), hex.size(), "%zX", size);
    std::string wanted = "HEAD\r\n\r\n" + std::string(hex.data()) + "\r\n" + first + "\r\n2\r\nbc\r\n0\r\n\r\n";
    const auto lower = [](std::string text) {
      for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
      return text;
    };
    EXPECT_TRUE(lower(all) == lower(wanted)) << size;
  }
}

TEST_F(MessageWriterTest, TrailersStandBehindTheLastChunk) {
  Arena arena;
  Fields trailers(arena);
  ASSERT_TRUE(trailers.add("X-Sum", "1"));
  ScriptedBody body;
  body.add("a");
  body.set_trailers(trailers);
  start(&body, Kind::chunked);
  expect_sent({"HEAD\r\n\r\n1\r\na\r\n0\r\nX-Sum: 1\r\n\r\n"});
}

TEST_F(MessageWriterTest, LargeTrailersGoOutAfterWhatIsHeld) {
  Arena arena;
  Fields trailers(arena);
  const std::string value(8'000, 'v');
  ASSERT_TRUE(trailers.add("X-Sum", value));
  ScriptedBody body;
  const std::string piece(10'000, 'a');
  body.add(piece);
  body.set_trailers(trailers);
  start(&body, Kind::chunked);
  EXPECT_TRUE(task_.done());
  std::string all;
  for (const std::string& one : sends()) all += one;
  EXPECT_EQ(all, "HEAD\r\n\r\n2710\r\n" + piece + "\r\n0\r\nX-Sum: " + value + "\r\n\r\n");
}

TEST_F(MessageWriterTest, ABodyThatFailsAtOnceLeavesThePeerWithoutAWord) {
  ScriptedBody body;
  body.fail_at_end({.code = Code::upstream_truncated});
  start(&body, Kind::length);
  ASSERT_TRUE(failed_ && failed_->body);
  EXPECT_EQ(failed_->body->code, Code::upstream_truncated);
  EXPECT_TRUE(writer_.nothing_sent());
  EXPECT_TRUE(sends().empty());
}

TEST_F(MessageWriterTest, ABodyThatFailsLaterHasNoLastChunk) {
  ScriptedBody body;
  body.add("some", &gate_);
  body.fail_at_end({.code = Code::upstream_truncated});
  start(&body, Kind::chunked);
  gate_.open();
  ASSERT_TRUE(failed_ && failed_->body);
  EXPECT_FALSE(writer_.nothing_sent());
  for (const std::string& one : sends()) EXPECT_EQ(one.find("0\r\n\r\n"), one.npos);
}

TEST_F(MessageWriterTest, APeerThatIsGoneIsAFailureOfTheSocket) {
  pair_.other.reset();
  start(nullptr, Kind::none);
  ASSERT_TRUE(failed_ && failed_->socket);
  EXPECT_EQ(*failed_->socket, net::IoError::reset);
}

TEST_F(MessageWriterTest, APeerThatTakesNothingTimesOut) {
  MessageWriter impatient(socket_, ledger_, net::Duration(10));
  ASSERT_TRUE(impatient.put_head(1, [](std::span<char>) { return std::optional<std::size_t>(0); }));
  ScriptedBody body;
  body.repeat_for_ever(std::string(60'000, 'x'));
  task_ = send(impatient, &body, Kind::length, failed_);
  task_.start();
  run_until([&] { return task_.done(); });
  ASSERT_TRUE(failed_ && failed_->socket);
  EXPECT_EQ(*failed_->socket, net::IoError::timeout);
}

// It takes some now and then, before each stall would be over, and yet too little in all.
TEST_F(MessageWriterTest, APeerThatTakesLessThanTheRateTimesOut) {
  constexpr std::uint64_t rate = 100 * 1024 * 1024;
  MessageWriter paced(socket_, ledger_, net::Duration(200), rate);
  ASSERT_TRUE(paced.put_head(1, [](std::span<char>) { return std::optional<std::size_t>(0); }));
  ScriptedBody body;
  body.repeat_for_ever(std::string(60'000, 'x'));
  task_ = send(paced, &body, Kind::length, failed_);
  task_.start();
  std::vector<char> taken(8 * 1024);
  for (int round = 0; !failed_ && round < 1'000; ++round) {
    run_past(loop_.now() + net::Duration(5));
    static_cast<void>(::recv(pair_.other.get(), taken.data(), taken.size(), MSG_DONTWAIT));
  }
  ASSERT_TRUE(failed_ && failed_->socket);
  EXPECT_EQ(*failed_->socket, net::IoError::timeout);
}

TEST_F(MessageWriterTest, ABodyThatNeverRunsDryLetsOthersHaveTheirTurn) {
  support::Pair pair = support::tcp_pair();
  net::Socket socket(loop_, std::move(pair.one), nullptr);
  const support::Peer peer(loop_, std::move(pair.other));
  MessageWriter writer(socket, ledger_, net::Duration(20'000));
  ASSERT_TRUE(writer.put_head(1, [](std::span<char>) { return std::optional<std::size_t>(0); }));
  ScriptedBody body;
  body.repeat_for_ever("x");
  task_ = send(writer, &body, Kind::length, failed_);
  task_.start();
  EXPECT_EQ(body.reads(), 255);
  bool others = false;
  loop_.post([&] { others = true; });
  run_until([&] { return others; });
  EXPECT_LT(body.reads(), 2000);
  task_.reset();
}

TEST_F(MessageWriterTest, WithoutABufferThereIsNoMessage) {
  ASSERT_TRUE(ledger_.charge(512 * 1024));
  EXPECT_FALSE(writer_.put_head(1, [](std::span<char>) { return std::optional<std::size_t>(1); }));
  ledger_.release(512 * 1024);
}

TEST_F(MessageWriterTest, GivesItsBufferBackWhenItIsDropped) {
  {
    MessageWriter writer(socket_, ledger_, net::Duration(10));
    ASSERT_TRUE(writer.put_head(1, [](std::span<char>) { return std::optional<std::size_t>(1); }));
    EXPECT_EQ(ledger_.held(), net::BufferPool::small);
  }
  EXPECT_EQ(ledger_.held(), 0U);
}

}  // namespace
}  // namespace sallyport::http::h1
