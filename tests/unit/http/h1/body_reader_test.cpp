// SPDX-License-Identifier: Apache-2.0
#include "http/h1/body_reader.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>

#include "support/descriptors.hpp"
#include "support/loop_test.hpp"
#include "support/peer.hpp"
#include "unit/http/h1/response_faults.hpp"

namespace sallyport::http::h1 {
namespace {

using Kind = Framing::Kind;

// One body on a connection of its own.
struct Stream {
  Stream(net::Loop& loop, Framing framing, Pace pace)
      : socket(loop, std::move(pair.one), nullptr),
        peer(loop, std::move(pair.other)),
        inbox(loop.buffers(), ledger),
        reader(socket, inbox, framing, pace, response_faults, limits, arena, notes) {}

  support::Pair pair = support::tcp_pair();
  net::Socket socket;
  support::Peer peer;
  net::Ledger ledger{512 * 1024};
  Inbox inbox;
  Limits limits;
  Arena arena;
  Notes notes;
  BodyReader reader;
  std::string text;
  int pieces = 0;
  std::optional<Result<void>> end;
};

net::Task<void> read_piece(Stream& stream) {
  const Result<std::string_view> piece = co_await stream.reader.read();
  if (!piece) {
    stream.end = Failure(piece.error());
  } else if (piece->empty()) {
    stream.end.emplace();
  } else {
    stream.text += *piece;
    ++stream.pieces;
  }
}

net::Task<void> read_all(Stream& stream) {
  while (!stream.end) co_await read_piece(stream);
}

class BodyReaderTest : public support::LoopTest {
 protected:
  std::unique_ptr<Stream> stream(Framing framing) { return std::make_unique<Stream>(loop_, framing, pace_); }

  // Sends the bytes in two parts, the second when the first was read; then ends the stream if it is to.
  std::unique_ptr<Stream> read_cut(Framing framing, std::string_view bytes, std::size_t cut, bool ends) {
    auto made = stream(framing);
    net::Task<void> task = read_all(*made);
    task.start();
    made->peer.send(bytes.substr(0, cut));
    turn(2);
    made->peer.send(bytes.substr(cut));
    if (ends) made->peer.finish();
    run_until([&] { return task.done(); });
    return made;
  }

  Code code_of(const Stream& of) { return of.end && !*of.end ? of.end->error().code : Code::internal; }

  Pace pace_{.grace = net::Duration(20'000), .bytes_per_second = 0};
};

TEST_F(BodyReaderTest, NoBodyIsCompleteAndReadyFromTheStart) {
  for (const Framing framing : {Framing{.kind = Kind::none}, Framing{.kind = Kind::length, .length = 0}}) {
    const auto none = stream(framing);
    EXPECT_TRUE(none->reader.complete());
    EXPECT_TRUE(none->reader.ready());
    net::Task<void> task = read_all(*none);
    task.start();
    EXPECT_TRUE(task.done());
    EXPECT_EQ(none->text, "");
    EXPECT_EQ(none->ledger.held(), 0U);
  }
}

TEST_F(BodyReaderTest, ALengthEndsWhereItSaysHoweverItIsCut) {
  const std::string_view bytes = "0123456789next";
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
    const auto body = read_cut({.kind = Kind::length, .length = 10}, bytes, cut, false);
    EXPECT_EQ(body->text, "0123456789") << cut;
    EXPECT_TRUE(body->reader.complete()) << cut;
    EXPECT_EQ(body->reader.bytes_read(), 10U);
    EXPECT_EQ(body->inbox.unread(), cut > 10 ? bytes.substr(10, cut - 10) : cut == 10 ? "" : "next") << cut;
  }
}

TEST_F(BodyReaderTest, NoMoreIsReceivedThanCanBeUsed) {
  const auto body = stream({.kind = Kind::length, .length = 10'000});
  body->peer.send(std::string(10'000, 'x'));
  ASSERT_TRUE(run_until([&] { return body->socket.readable(); }));
  body->reader.expect(100);
  net::Task<void> first = read_piece(*body);
  first.start();
  ASSERT_TRUE(run_until([&] { return first.done(); }));
  EXPECT_EQ(body->text.size(), 100U);
  EXPECT_EQ(body->ledger.held(), net::BufferPool::tiny);
  body->reader.expect(1'000'000);
  net::Task<void> rest = read_all(*body);
  rest.start();
  ASSERT_TRUE(run_until([&] { return rest.done(); }));
  EXPECT_EQ(body->text.size(), 10'000U);
}

TEST_F(BodyReaderTest, ChunksAreJoinedHoweverTheyAreCut) {
  const std::string_view bytes = "3\r\nabc\r\nA;x=\"y\"\r\n0123456789\r\n1\r\nz\r\n0\r\nX-T: v\r\n\r\n";
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
    const auto body = read_cut({.kind = Kind::chunked}, bytes, cut, false);
    EXPECT_EQ(body->text, "abc0123456789z") << cut;
    EXPECT_TRUE(body->reader.complete()) << cut;
    EXPECT_EQ(body->reader.bytes_read(), 14U) << cut;
    EXPECT_EQ(body->inbox.unread(), "") << cut;
    ASSERT_NE(body->reader.trailers(), nullptr) << cut;
    EXPECT_EQ(body->reader.trailers()->begin()->value, "v") << cut;
  }
}

TEST_F(BodyReaderTest, WhatIsBehindTheLastChunkIsTheNextMessages) {
  const auto body = read_cut({.kind = Kind::chunked}, "1\r\na\r\n0\r\n\r\nnext", 0, false);
  EXPECT_EQ(body->text, "a");
  EXPECT_EQ(body->inbox.unread(), "next");
  EXPECT_EQ(body->reader.trailers(), nullptr);
}

TEST_F(BodyReaderTest, AStreamThatIsTheBodyEndsWithTheConnection) {
  const auto body = read_cut({.kind = Kind::close}, "0123456789", 4, true);
  EXPECT_EQ(body->text, "0123456789");
  EXPECT_TRUE(body->reader.complete());
}

TEST_F(BodyReaderTest, AStreamThatEndsWithinALengthOrAChunkIsCut) {
  const auto length = read_cut({.kind = Kind::length, .length = 11}, "0123456789", 4, true);
  EXPECT_EQ(code_of(*length), Code::upstream_truncated);
  EXPECT_FALSE(length->reader.complete());
  for (const std::string_view bytes :
       {"", "5", "5\r\nab", "2\r\nab\r\n", "2\r\nab\r\n0\r\n", "2\r\nab\r\n0\r\nX: y\r\n"}) {
    const auto chunked = read_cut({.kind = Kind::chunked}, bytes, 0, true);
    EXPECT_EQ(code_of(*chunked), Code::upstream_truncated) << bytes;
    EXPECT_FALSE(chunked->reader.complete()) << bytes;
  }
}

TEST_F(BodyReaderTest, AResetIsNoEnd) {
  const auto body = stream({.kind = Kind::close});
  net::Task<void> task = read_all(*body);
  task.start();
  turn();
  body->peer.reset();
  run_until([&] { return task.done(); });
  EXPECT_EQ(code_of(*body), Code::upstream_reset);
  EXPECT_FALSE(body->reader.complete());
}

TEST_F(BodyReaderTest, ABadChunkIsGivenAfterTheDataBeforeIt) {
  const auto body = read_cut({.kind = Kind::chunked}, "3\r\nabc\r\nnonsense\r\n", 0, false);
  EXPECT_EQ(body->text, "abc");
  EXPECT_EQ(code_of(*body), Code::upstream_malformed);
  EXPECT_TRUE(body->reader.ready()) << "an error is final";
  body->end.reset();
  net::Task<void> again = read_all(*body);
  again.start();
  EXPECT_TRUE(again.done());
  EXPECT_EQ(code_of(*body), Code::upstream_malformed);
}

// A writer holds a piece back while the reader says that more is there: with framing alone it would wait for the next
// event of a stream of events.
TEST_F(BodyReaderTest, IsNotReadyWhenOnlyFramingIsThere) {
  for (const std::string_view behind : {"\r\n", "\r", "\r\n5", "\r\n5;a=b\r\n", ""}) {
    const auto body = stream({.kind = Kind::chunked});
    body->peer.send("5\r\nevent");
    body->peer.send(behind);
    run_until([&] { return body->socket.readable(); });
    turn(2);
    net::Task<void> task = read_piece(*body);
    task.start();
    ASSERT_TRUE(task.done());
    EXPECT_EQ(body->text, "event");
    EXPECT_FALSE(body->reader.ready()) << behind;
  }
}

TEST_F(BodyReaderTest, IsReadyWhenThereIsMoreOrTheEnd) {
  for (const std::string_view behind : {"\r\n1\r\nx", "\r\n0\r\n\r\n", "\r\nwrong"}) {
    const auto body = stream({.kind = Kind::chunked});
    body->peer.send("5\r\nevent");
    body->peer.send(behind);
    run_until([&] { return body->socket.readable(); });
    turn(2);
    net::Task<void> task = read_piece(*body);
    task.start();
    EXPECT_EQ(body->text, "event");
    EXPECT_TRUE(body->reader.ready()) << behind;
  }
}

TEST_F(BodyReaderTest, IsNotReadyWhenTheLastReceiveTookAllThatWasThere) {
  const auto body = stream({.kind = Kind::close});
  const std::string exactly(net::BufferPool::large, 'x');
  body->peer.send(exactly);
  net::Task<void> task = read_all(*body);
  task.start();
  run_until([&] { return body->text.size() == exactly.size(); });
  EXPECT_FALSE(body->reader.ready());
}

TEST_F(BodyReaderTest, ASilentSenderIsTooSlow) {
  pace_.grace = net::Duration(20);
  const auto body = stream({.kind = Kind::length, .length = 10});
  net::Task<void> task = read_all(*body);
  task.start();
  run_until([&] { return task.done(); });
  EXPECT_EQ(code_of(*body), Code::upstream_timeout);
}

// The grace is for all waits together: a byte now and then does not renew it.
TEST_F(BodyReaderTest, ATricklingSenderIsTooSlow) {
  pace_ = {.grace = net::Duration(60), .bytes_per_second = 1'000'000};
  const auto body = stream({.kind = Kind::length, .length = 1'000'000});
  net::Task<void> task = read_all(*body);
  task.start();
  net::Time next = net::Clock::now();
  run_until([&] {
    if (loop_.now() >= next) {
      body->peer.send("x");
      next = loop_.now() + net::Duration(10);
    }
    loop_.post([] {});  // so that the loop does not sleep between the bytes
    return task.done();
  });
  EXPECT_EQ(code_of(*body), Code::upstream_timeout);
}

// At this rate its bytes are worth more than an hour.
TEST_F(BodyReaderTest, ASenderThatWasFastMayNotBeSilentForLong) {
  pace_ = {.grace = net::Duration(60), .bytes_per_second = 1};
  const auto body = stream({.kind = Kind::length, .length = 1'000'000});
  net::Task<void> task = read_all(*body);
  task.start();
  body->peer.send(std::string(5'000, 'x'));
  run_until([&] { return task.done(); });
  EXPECT_EQ(code_of(*body), Code::upstream_timeout);
}

TEST_F(BodyReaderTest, WithoutARateEachWaitHasTheGrace) {
  pace_ = {.grace = net::Duration(20'000), .bytes_per_second = 0};
  const auto body = stream({.kind = Kind::length, .length = 3});
  net::Task<void> task = read_all(*body);
  task.start();
  for (int i = 0; i < 3; ++i) {
    body->peer.send("x");
    run_until([&] { return body->text.size() == static_cast<std::size_t>(i) + 1; });
  }
  EXPECT_TRUE(body->reader.complete());
}

TEST_F(BodyReaderTest, HurryEndsTheWaitsThatFollow) {
  const auto body = stream({.kind = Kind::length, .length = 10});
  body->reader.hurry(net::Clock::now() + net::Duration(20));
  net::Task<void> task = read_all(*body);
  task.start();
  run_until([&] { return task.done(); });
  EXPECT_EQ(code_of(*body), Code::upstream_timeout);
}

TEST_F(BodyReaderTest, AReadThatIsDroppedLosesNothing) {
  const auto body = stream({.kind = Kind::length, .length = 4});
  net::Task<void> task = read_all(*body);
  task.start();
  turn();
  task.reset();
  body->peer.send("0123");
  task = read_all(*body);
  task.start();
  run_until([&] { return task.done(); });
  EXPECT_EQ(body->text, "0123");
}

TEST_F(BodyReaderTest, WithoutABufferItIsOverloaded) {
  const auto body = stream({.kind = Kind::length, .length = 4});
  ASSERT_TRUE(body->ledger.charge(512 * 1024));
  net::Task<void> task = read_all(*body);
  task.start();
  ASSERT_TRUE(task.done());
  EXPECT_EQ(code_of(*body), Code::overloaded);
  body->ledger.release(512 * 1024);
}

}  // namespace
}  // namespace sallyport::http::h1
