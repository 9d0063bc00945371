// SPDX-License-Identifier: Apache-2.0
#include "net/socket.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "net/task.hpp"
#include "support/descriptors.hpp"
#include "support/loop_test.hpp"
#include "support/peer.hpp"

namespace sallyport::net {
namespace {

using support::Peer;

constexpr Duration long_enough{20'000};

struct Owner final : Socket::Owner {
  void on_readable() override {
    ++readable;
    if (then) then();
  }
  void on_gone() override {
    ++gone;
    if (then) then();
  }
  void on_deadline() override {
    ++deadlines;
    if (then) then();
  }

  int readable = 0;
  int gone = 0;
  int deadlines = 0;
  std::function<void()> then;
};

// What a read gave, and how often one has.
struct Got {
  std::string text;
  std::optional<IoResult<std::size_t>> last;
  int reads = 0;
};

Task<void> read_one(Socket& socket, std::size_t room, Time deadline, Got& got) {
  std::string buffer(room, '\0');
  got.last = co_await socket.read(buffer, deadline);
  ++got.reads;
  if (*got.last) got.text.append(buffer, 0, **got.last);
}

Task<void> read_all(Socket& socket, std::size_t room, Got& got) {
  do {
    co_await read_one(socket, room, socket.loop().now() + long_enough, got);
  } while (*got.last && **got.last != 0);
}

Task<void> write_parts(Socket& socket, std::string first, std::string second, Duration stall,
                       std::optional<IoResult<void>>& done) {
  done = co_await socket.write(first, second, stall);
}

class SocketTest : public support::LoopTest {
 protected:
  Time soon() const { return Clock::now() + Duration(20); }
  Time later() const { return Clock::now() + long_enough; }

  support::Pair pair_ = support::tcp_pair();
  Owner owner_;
  Socket socket_{loop_, std::move(pair_.one), &owner_};
  Peer peer_{loop_, std::move(pair_.other)};
  Got got_;
  std::optional<IoResult<void>> written_;
};

TEST_F(SocketTest, AReadWaitsForBytesAndThenForTheEnd) {
  Task<void> task = read_all(socket_, 100, got_);
  task.start();
  turn();
  EXPECT_EQ(got_.reads, 0);
  peer_.send("one");
  run_until([&] { return got_.reads == 1; });
  peer_.send("two");
  peer_.finish();
  run_until([&] { return task.done(); });
  EXPECT_EQ(got_.text, "onetwo");
  EXPECT_EQ(got_.last, IoResult<std::size_t>(0));
  EXPECT_TRUE(socket_.hung_up());
  EXPECT_EQ(owner_.readable, 0) << "somebody read";
}

TEST_F(SocketTest, NoByteIsMissedWhateverTheSizeOfTheRoom) {
  for (const std::size_t room : {1U, 2U, 3U, 7U, 64U}) {
    support::Pair pair = support::tcp_pair();
    Socket socket(loop_, std::move(pair.one), nullptr);
    Peer peer(loop_, std::move(pair.other));
    Got got;
    peer.send("0123456789ab");
    Task<void> task = read_all(socket, room, got);
    task.start();
    run_until([&] { return got.text.size() == 12; });
    peer.send("cdef");
    peer.finish();
    run_until([&] { return task.done(); });
    EXPECT_EQ(got.text, "0123456789abcdef") << room;
  }
}

TEST_F(SocketTest, AReadIsNotTriedBeforeAnEdgeCame) {
  EXPECT_FALSE(socket_.readable());
  peer_.send("x");
  run_until([&] { return owner_.readable == 1; });
  EXPECT_TRUE(socket_.readable());
  Task<void> task = read_one(socket_, 100, later(), got_);
  task.start();
  EXPECT_TRUE(task.done()) << "it need not wait";
  EXPECT_FALSE(socket_.readable()) << "less came than there was room for: it is drained";
}

TEST_F(SocketTest, IsNotReadableWhenTheLastReadTookExactlyWhatWasThere) {
  peer_.send("0123456789");
  run_until([&] { return socket_.readable(); });
  Task<void> task = read_one(socket_, 10, later(), got_);
  task.start();
  ASSERT_TRUE(task.done());
  EXPECT_EQ(got_.text, "0123456789");
  EXPECT_FALSE(socket_.readable());
  peer_.send("x");
  run_until([&] { return socket_.readable(); });
}

TEST_F(SocketTest, StaysReadableWhenTheRoomWasTooSmall) {
  peer_.send("0123456789");
  run_until([&] { return socket_.readable(); });
  Task<void> task = read_one(socket_, 9, later(), got_);
  task.start();
  EXPECT_TRUE(socket_.readable());
}

TEST_F(SocketTest, AReadEndsAtItsDeadlineAndNotBefore) {
  const Time deadline = soon();
  Task<void> task = read_one(socket_, 100, deadline, got_);
  task.start();
  run_until([&] { return task.done(); });
  EXPECT_GE(loop_.now(), deadline);
  EXPECT_EQ(got_.last, std::unexpected(IoError::timeout));
  EXPECT_EQ(owner_.deadlines, 0);
}

TEST_F(SocketTest, AReadsDeadlineIsReplaced) {
  Task<void> task = read_one(socket_, 100, later(), got_);
  task.start();
  turn();
  socket_.replace_read_deadline(soon());
  run_until([&] { return task.done(); });
  EXPECT_EQ(got_.last, std::unexpected(IoError::timeout));
}

TEST_F(SocketTest, AReadsDeadlineIsMovedToLater) {
  const Time first = soon();
  Task<void> task = read_one(socket_, 100, first, got_);
  task.start();
  socket_.replace_read_deadline(later());
  run_past(first + Duration(5));
  EXPECT_FALSE(task.done());
  peer_.send("x");
  run_until([&] { return task.done(); });
  EXPECT_EQ(got_.text, "x");
}

TEST_F(SocketTest, TheDeadlineOfAReadThatEndedDoesNotFire) {
  peer_.send("x");
  const Time deadline = soon();
  Task<void> task = read_one(socket_, 100, deadline, got_);
  task.start();
  run_until([&] { return task.done(); });
  ASSERT_EQ(got_.text, "x");
  run_past(deadline + Duration(5));
  EXPECT_EQ(owner_.deadlines, 0);
}

TEST_F(SocketTest, AResetEndsARead) {
  Task<void> task = read_one(socket_, 100, later(), got_);
  task.start();
  turn();
  peer_.reset();
  run_until([&] { return task.done(); });
  EXPECT_EQ(got_.last, std::unexpected(IoError::reset));
}

TEST_F(SocketTest, InterruptEndsTheReadThatWaitsFromTheLoop) {
  Task<void> task = read_one(socket_, 100, later(), got_);
  task.start();
  socket_.interrupt();
  EXPECT_FALSE(task.done()) << "nothing is delivered from inside the call";
  run_until([&] { return task.done(); });
  EXPECT_EQ(got_.last, std::unexpected(IoError::interrupted));
  task = read_one(socket_, 100, later(), got_);
  task.start();
  turn();
  EXPECT_FALSE(task.done()) << "one interruption ends one read";
}

TEST_F(SocketTest, InterruptEndsTheNextReadThatHasToWait) {
  socket_.interrupt();
  turn();
  Task<void> task = read_one(socket_, 100, later(), got_);
  task.start();
  EXPECT_FALSE(task.done());
  run_until([&] { return task.done(); });
  EXPECT_EQ(got_.last, std::unexpected(IoError::interrupted));
}

TEST_F(SocketTest, AReadThatIsDestroyedTakesItselfOff) {
  Task<void> task = read_one(socket_, 100, soon(), got_);
  task.start();
  task.reset();
  peer_.send("x");
  run_until([&] { return owner_.readable == 1; });
  EXPECT_EQ(got_.reads, 0);
  task = read_one(socket_, 100, later(), got_);
  task.start();
  EXPECT_EQ(got_.text, "x") << "nothing was lost with it";
}

TEST_F(SocketTest, WritesBothPartsWhole) {
  Task<void> task = write_parts(socket_, "first ", "second", long_enough, written_);
  task.start();
  EXPECT_TRUE(task.done());
  EXPECT_TRUE(*written_);
  run_until([&] { return peer_.text() == "first second"; });
}

TEST_F(SocketTest, EmptyPartsAreNoTrouble) {
  for (const auto& [first, second] : {std::pair("", ""), std::pair("a", ""), std::pair("", "b")}) {
    Task<void> task = write_parts(socket_, first, second, long_enough, written_);
    task.start();
    EXPECT_TRUE(task.done());
  }
  run_until([&] { return peer_.text() == "ab"; });
}

class SmallSocketTest : public SocketTest {
 protected:
  SmallSocketTest() : small_(support::local_pair(SOCK_STREAM)) {
    support::set_small_buffers(small_.one);
    support::set_small_buffers(small_.other);
    writer_.emplace(loop_, std::move(small_.one), &small_owner_);
    reader_.emplace(loop_, std::move(small_.other));
    reader_->hold();
  }

  support::Pair small_;
  Owner small_owner_;
  std::optional<Socket> writer_;
  std::optional<Peer> reader_;
};

TEST_F(SmallSocketTest, AWriteGoesOnAsThePeerTakes) {
  const std::string first(100'000, 'a');
  const std::string second(100'000, 'b');
  Task<void> task = write_parts(*writer_, first, second, long_enough, written_);
  task.start();
  turn();
  EXPECT_FALSE(task.done());
  reader_->release();
  run_until([&] { return task.done() && reader_->text().size() == 200'000; });
  EXPECT_TRUE(*written_);
  EXPECT_EQ(reader_->text(), first + second);
}

TEST_F(SmallSocketTest, AWriteThatStallsTimesOut) {
  Task<void> task = write_parts(*writer_, std::string(1'000'000, 'a'), "", Duration(20), written_);
  task.start();
  run_until([&] { return task.done(); });
  EXPECT_EQ(*written_, IoResult<void>(std::unexpected(IoError::timeout)));
}

TEST_F(SmallSocketTest, AWriteToAPeerThatIsGoneIsAReset) {
  Task<void> task = write_parts(*writer_, std::string(1'000'000, 'a'), "", long_enough, written_);
  task.start();
  turn();
  EXPECT_FALSE(task.done());
  reader_->close();
  run_until([&] { return task.done(); });
  EXPECT_EQ(*written_, IoResult<void>(std::unexpected(IoError::reset)));
}

TEST_F(SmallSocketTest, AWriteThatIsDestroyedTakesItselfOff) {
  Task<void> task = write_parts(*writer_, std::string(1'000'000, 'a'), "", Duration(20), written_);
  task.start();
  task.reset();
  reader_->release();
  const Time past = Clock::now() + Duration(30);
  run_past(past);
  EXPECT_FALSE(written_);
}

TEST_F(SmallSocketTest, AReadAndAWriteWaitSideBySideEachWithItsDeadline) {
  Task<void> writing = write_parts(*writer_, std::string(1'000'000, 'a'), "", Duration(20), written_);
  writing.start();
  Task<void> reading = read_one(*writer_, 100, later(), got_);
  reading.start();
  run_until([&] { return writing.done(); });
  EXPECT_EQ(*written_, IoResult<void>(std::unexpected(IoError::timeout)));
  EXPECT_FALSE(reading.done());
  reader_->send("x");
  run_until([&] { return reading.done(); });
  EXPECT_EQ(got_.text, "x");
}

TEST_F(SocketTest, TheOwnerHearsOfBytesThatNobodyReads) {
  peer_.send("x");
  run_until([&] { return owner_.readable == 1; });
  EXPECT_EQ(owner_.gone, 0);
}

TEST_F(SocketTest, TheOwnerHearsOfTheEnd) {
  peer_.finish();
  run_until([&] { return owner_.readable == 1; });
  EXPECT_TRUE(socket_.hung_up());
  EXPECT_EQ(owner_.gone, 0) << "the other direction is still there";
}

TEST_F(SocketTest, TheOwnerHearsOfAReset) {
  peer_.reset();
  run_until([&] { return owner_.gone == 1; });
  EXPECT_EQ(owner_.readable, 0);
}

TEST_F(SocketTest, TheOwnerHearsOfAResetAfterTheEnd) {
  peer_.finish();
  run_until([&] { return owner_.readable == 1; });
  Task<void> task = write_parts(socket_, "x", "", long_enough, written_);
  task.start();
  run_until([&] { return peer_.text() == "x"; });
  peer_.reset();
  run_until([&] { return owner_.gone == 1; });
}

// The edge comes once: whoever reads its last bytes must not hide it from the owner.
TEST_F(SocketTest, TheOwnerHearsOfAResetWhoseBytesAReaderTook) {
  Task<void> task = read_one(socket_, 100, later(), got_);
  task.start();
  turn();
  peer_.send("last");
  peer_.reset();  // one event for both
  run_until([&] { return owner_.gone == 1; });
  EXPECT_TRUE(task.done());
}

TEST_F(SocketTest, TheOwnerHearsOfItsDeadline) {
  const Time deadline = soon();
  socket_.idle_until(deadline);
  run_until([&] { return owner_.deadlines == 1; });
  EXPECT_GE(loop_.now(), deadline);
}

TEST_F(SocketTest, AReplacedIdleDeadlineDoesNotFire) {
  const Time first = soon();
  socket_.idle_until(first);
  socket_.idle_until(later());
  run_past(first + Duration(5));
  EXPECT_EQ(owner_.deadlines, 0);
}

TEST_F(SocketTest, ShutdownLetsThePeerSeeTheEndAndStillBeRead) {
  socket_.shutdown_write();
  run_until([&] { return peer_.saw_end(); });
  peer_.send("x");
  run_until([&] { return owner_.readable == 1; });
}

class DestroyedSocketTest : public support::LoopTest {
 protected:
  DestroyedSocketTest() : socket_(std::make_unique<Socket>(loop_, std::move(pair_.one), &owner_)) {
    owner_.then = [this] { socket_.reset(); };
  }

  support::Pair pair_ = support::tcp_pair();
  Owner owner_;
  std::unique_ptr<Socket> socket_;
  Peer peer_{loop_, std::move(pair_.other)};
};

TEST_F(DestroyedSocketTest, TheOwnerMayDestroyItWhenBytesCome) {
  peer_.send("x");
  run_until([&] { return socket_ == nullptr; });
  run_until([&] { return peer_.over(); });
}

TEST_F(DestroyedSocketTest, TheOwnerMayDestroyItWhenItIsGone) {
  peer_.reset();
  run_until([&] { return socket_ == nullptr; });
}

TEST_F(DestroyedSocketTest, TheOwnerMayDestroyItAtItsDeadline) {
  socket_->idle_until(Clock::now() + Duration(5));
  run_until([&] { return socket_ == nullptr; });
  run_until([&] { return peer_.saw_end(); });
}

// The coroutine's own resume destroys what resumed it; its frame is the task's.
Task<void> read_and_destroy(std::unique_ptr<Socket>& socket, Time deadline) {
  std::array<char, 10> room;
  static_cast<void>(co_await socket->read(room, deadline));
  socket.reset();
}

TEST_F(DestroyedSocketTest, AReaderMayDestroyIt) {
  Task<void> task = read_and_destroy(socket_, Time::max());
  task.start();
  peer_.send("x");
  run_until([&] { return task.done(); });
  EXPECT_EQ(socket_, nullptr);
}

TEST_F(DestroyedSocketTest, AReaderMayDestroyItAtItsDeadline) {
  Task<void> task = read_and_destroy(socket_, Clock::now() + Duration(5));
  task.start();
  run_until([&] { return task.done(); });
  EXPECT_EQ(socket_, nullptr);
}

TEST_F(DestroyedSocketTest, AnInterruptedReaderMayDestroyIt) {
  Task<void> task = read_and_destroy(socket_, Time::max());
  task.start();
  socket_->interrupt();
  run_until([&] { return task.done(); });
  EXPECT_EQ(socket_, nullptr);
}

Task<void> write_and_destroy(std::unique_ptr<Socket>& socket, Duration stall) {
  const std::string much(50'000'000, 'x');
  static_cast<void>(co_await socket->write(much, std::string_view(), stall));
  socket.reset();
}

TEST_F(DestroyedSocketTest, AWriterMayDestroyIt) {
  peer_.hold();
  Task<void> task = write_and_destroy(socket_, Duration(10'000));
  task.start();
  EXPECT_FALSE(task.done());
  peer_.reset();
  run_until([&] { return task.done(); });
  EXPECT_EQ(socket_, nullptr);
}

TEST_F(DestroyedSocketTest, AWriterMayDestroyItAtItsDeadline) {
  peer_.hold();
  Task<void> task = write_and_destroy(socket_, Duration(5));
  task.start();
  run_until([&] { return task.done(); });
  EXPECT_EQ(socket_, nullptr);
}

TEST_F(DestroyedSocketTest, ResetOnCloseIsAResetForThePeer) {
  socket_->reset_on_close();
  socket_.reset();
  run_until([&] { return peer_.saw_reset(); });
}

// Two sockets with bytes in one batch: whichever comes first destroys the other.
TEST_F(DestroyedSocketTest, AHandlerMayDestroyAnotherSocketOfTheBatch) {
  support::Pair pair = support::tcp_pair();
  Owner other_owner;
  auto other = std::make_unique<Socket>(loop_, std::move(pair.one), &other_owner);
  Peer other_peer(loop_, std::move(pair.other));
  turn();  // the edges of becoming writable are over
  owner_.then = [&] { other.reset(); };
  other_owner.then = [&] { socket_.reset(); };
  peer_.send("x");
  other_peer.send("x");
  run_until([&] { return other == nullptr || socket_ == nullptr; });
  turn();
  EXPECT_EQ(owner_.readable + other_owner.readable, 1);
}

class ConnectTest : public support::LoopTest {
 protected:
  struct Attempt {
    std::optional<Socket> socket;
    std::optional<IoResult<void>> result;
  };

  static Task<void> connected(Attempt& attempt, Time deadline) {
    attempt.result = co_await attempt.socket->connected(deadline);
  }
};

TEST_F(ConnectTest, SucceedsWhenSomebodyListens) {
  const support::Listener listener = support::tcp_listener(1);
  IoResult<Fd> fd = start_connect(listener.address);
  ASSERT_TRUE(fd);
  Attempt attempt;
  attempt.socket.emplace(loop_, std::move(*fd), nullptr);
  Task<void> task = connected(attempt, Clock::now() + long_enough);
  task.start();
  run_until([&] { return task.done(); });
  EXPECT_TRUE(*attempt.result);
}

TEST_F(ConnectTest, IsRefusedWhenNobodyDoes) {
  IoResult<Fd> fd = start_connect(support::unused_address());
  if (!fd) {
    EXPECT_EQ(fd.error(), IoError::refused);
    return;
  }
  Attempt attempt;
  attempt.socket.emplace(loop_, std::move(*fd), nullptr);
  Task<void> task = connected(attempt, Clock::now() + long_enough);
  task.start();
  run_until([&] { return task.done(); });
  EXPECT_EQ(*attempt.result, IoResult<void>(std::unexpected(IoError::refused)));
}

TEST_F(ConnectTest, IsRefusedAtOnceWhereThereIsNoRoute) {
  // A broadcast address is no place for TCP.
  EXPECT_FALSE(start_connect(*syntax::SocketAddress::parse("255.255.255.255:80")));
}

TEST_F(ConnectTest, TimesOutWhenNobodyAnswers) {
  // A full accept queue drops further handshakes.
  const support::Listener listener = support::tcp_listener(0);
  std::vector<Fd> fillers;
  for (int i = 0; i < 8; ++i) {
    IoResult<Fd> filler = start_connect(listener.address);
    if (filler) fillers.push_back(std::move(*filler));
  }
  IoResult<Fd> fd = start_connect(listener.address);
  ASSERT_TRUE(fd);
  Attempt attempt;
  attempt.socket.emplace(loop_, std::move(*fd), nullptr);
  const Time deadline = Clock::now() + Duration(20);
  Task<void> task = connected(attempt, deadline);
  task.start();
  run_until([&] { return task.done(); });
  EXPECT_EQ(*attempt.result, IoResult<void>(std::unexpected(IoError::timeout)));
  EXPECT_GE(loop_.now(), deadline);
}

TEST_F(ConnectTest, IsNotMissedWhenItEndsBeforeAnybodyWaits) {
  const support::Listener listener = support::tcp_listener(1);
  IoResult<Fd> fd = start_connect(listener.address);
  ASSERT_TRUE(fd);
  Attempt attempt;
  attempt.socket.emplace(loop_, std::move(*fd), nullptr);
  turn();
  Task<void> task = connected(attempt, Clock::now() + long_enough);
  task.start();
  EXPECT_TRUE(task.done());
  EXPECT_TRUE(attempt.result && *attempt.result);
}

TEST_F(ConnectTest, GoesToIPv6AsWell) {
  const auto address = syntax::SocketAddress::parse("[::1]:1");
  IoResult<Fd> fd = start_connect(*address);
  if (!fd) {
    EXPECT_EQ(fd.error(), IoError::refused);
    return;
  }
  Attempt attempt;
  attempt.socket.emplace(loop_, std::move(*fd), nullptr);
  Task<void> task = connected(attempt, Clock::now() + long_enough);
  task.start();
  run_until([&] { return task.done(); });
  EXPECT_EQ(*attempt.result, IoResult<void>(std::unexpected(IoError::refused)));
}

}  // namespace
}  // namespace sallyport::net
