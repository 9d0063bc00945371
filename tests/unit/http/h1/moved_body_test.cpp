// SPDX-License-Identifier: Apache-2.0
// Long bodies that the kernel takes from one connection to the other.
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <csignal>
#include <cstring>
#include <optional>
#include <string>

#include "http/h1/body_reader.hpp"
#include "http/h1/message_writer.hpp"
#include "support/descriptors.hpp"
#include "support/loop_test.hpp"
#include "unit/http/h1/response_faults.hpp"

namespace sallyport::http::h1 {
namespace {

using Kind = Framing::Kind;

constexpr std::size_t size = 8 << 20;
constexpr std::string_view head = "HEAD\r\n\r\n";

// Counts how much was moved.
class Watched final : public Body {
 public:
  explicit Watched(BodyReader& body) : body_(body) {}

  net::Task<Result<std::string_view>> read() override { return body_.read(); }
  bool ready() const override { return body_.ready(); }
  bool movable() const override { return body_.movable(); }
  net::Task<Result<void>> move(net::Pipe& into) override {
    const Result<void> moved = co_await body_.move(into);
    bytes_moved += into.held();
    co_return moved;
  }

  std::size_t bytes_moved = 0;

 private:
  BodyReader& body_;
};

class MovedBodyTest : public support::LoopTest {
 protected:
  MovedBodyTest() {
    std::signal(SIGPIPE, SIG_IGN);  // as the program does: splice(2) cannot be told not to send it
    for (std::size_t at = 0; at < whole_.size(); ++at) whole_[at] = static_cast<char>('a' + at * 31 % 1021 % 26);
  }

  void start(Kind kind = Kind::length) {
    reader_.emplace(from_, inbox_, Framing{.kind = kind, .length = size}, pace_, response_faults, limits_, arena_,
                    notes_);
    body_.emplace(*reader_);
    ASSERT_TRUE(writer_.put_head(head.size(), [](std::span<char> room) {
      std::memcpy(room.data(), head.data(), head.size());
      return std::optional(head.size());
    }));
    task_ = send(writer_, *body_, kind, failed_);
    task_.start();
  }
  static net::Task<void> send(MessageWriter& writer, Body& body, Kind kind,
                              std::optional<MessageWriter::Failed>& failed) {
    failed = co_await writer.send(&body, kind);
  }

  // The sender gives what is left of the text, the receiver takes what is there; true when the message is over.
  bool step() {
    while (!left_.empty()) {
      const ssize_t sent = ::send(upstream_.other.get(), left_.data(), left_.size(), MSG_NOSIGNAL);
      if (sent <= 0) break;
      left_.remove_prefix(static_cast<std::size_t>(sent));
    }
    if (left_.empty() && ends_) upstream_.other.reset();
    for (;;) {
      const ssize_t got = ::recv(client_.other.get(), room_.data(), room_.size(), 0);
      if (got <= 0) break;
      came_.append(room_, 0, static_cast<std::size_t>(got));
    }
    if (!task_.done()) loop_.post([] {});  // the other ends are no watchers of the loop
    return task_.done();
  }
  void run_to_the_end(std::string_view text) {
    left_ = text;
    run_until([&] { return step(); });
    turn(2);
    step();
  }

  std::string whole_ = std::string(size, 'x');
  std::string room_ = std::string(1 << 20, '\0');
  support::Pair upstream_ = support::tcp_pair();
  support::Pair client_ = support::tcp_pair();
  net::Socket from_{loop_, std::move(upstream_.one), nullptr};
  net::Socket to_{loop_, std::move(client_.one), nullptr};
  net::Ledger ledger_{1 << 20};
  Inbox inbox_{loop_.buffers(), ledger_};
  Arena arena_;
  Notes notes_;
  Limits limits_;
  Pace pace_{.grace = net::Duration(20'000), .bytes_per_second = 0};
  MessageWriter writer_{to_, ledger_, net::Duration(20'000)};
  std::optional<BodyReader> reader_;
  std::optional<Watched> body_;
  std::optional<MessageWriter::Failed> failed_;
  net::Task<void> task_;
  std::string_view left_;
  bool ends_ = false;
  std::string came_;
};

TEST_F(MovedBodyTest, ComesDownWholeAndWhatFollowsItStays) {
  start();
  run_to_the_end(whole_ + "next");
  ASSERT_TRUE(failed_);
  EXPECT_FALSE(*failed_);
  EXPECT_TRUE(reader_->complete());
  EXPECT_GE(body_->bytes_moved, size / 4);  // its beginning is not a long body yet
  EXPECT_EQ(writer_.body_bytes(), size);
  EXPECT_EQ(reader_->bytes_read(), size);
  EXPECT_TRUE(came_ == std::string(head) + whole_);
  std::string next(16, '\0');
  EXPECT_EQ(from_.read_now(next), 4U);
}

TEST_F(MovedBodyTest, ThatIsCutIsCut) {
  start();
  ends_ = true;
  run_to_the_end(std::string_view(whole_).substr(0, size - 100'000));
  ASSERT_TRUE(failed_);
  ASSERT_TRUE(failed_->body);
  EXPECT_EQ(failed_->body->code, Code::upstream_truncated);
}

TEST_F(MovedBodyTest, OfAPeerThatIsGoneEnds) {
  start();
  left_ = whole_;
  run_until([&] { return step() || body_->bytes_moved > 0; });
  client_.other.reset();
  run_until([&] {
    loop_.post([] {});
    while (!left_.empty()) {
      const ssize_t sent = ::send(upstream_.other.get(), left_.data(), left_.size(), MSG_NOSIGNAL);
      if (sent <= 0) break;
      left_.remove_prefix(static_cast<std::size_t>(sent));
    }
    return task_.done();
  });
  ASSERT_TRUE(failed_);
  EXPECT_EQ(failed_->socket, net::IoError::reset);
}

TEST_F(MovedBodyTest, WhatIsInThePipeIsCharged) {
  start();
  left_ = std::string_view(whole_).substr(0, size - 1);
  run_until([&] {
    step();
    return left_.empty() && came_.size() == head.size() + size - 1;
  });
  EXPECT_GE(ledger_.held(), net::Pipe::most);
  left_ = std::string_view(whole_).substr(size - 1);
  run_until([&] { return step(); });
  EXPECT_LT(ledger_.held(), net::Pipe::most);
}

TEST_F(MovedBodyTest, IsCopiedWhereTheLedgerHasNoRoomForAPipe) {
  ASSERT_TRUE(ledger_.charge((1 << 20) - net::Pipe::most));
  start();
  run_to_the_end(whole_);
  ASSERT_TRUE(failed_);
  EXPECT_FALSE(*failed_);
  EXPECT_EQ(body_->bytes_moved, 0U);
  EXPECT_TRUE(came_ == std::string(head) + whole_);
  ledger_.release((1 << 20) - net::Pipe::most);
}

}  // namespace
}  // namespace sallyport::http::h1
