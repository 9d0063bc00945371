// SPDX-License-Identifier: Apache-2.0
// A Socket with TLS in it does what one without does.
#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <array>
#include <string>

#include "net/released.hpp"
#include "support/tls_test.hpp"

namespace sallyport::net {
namespace {

std::string letters(std::size_t size) {
  std::string text(size, '\0');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>('a' + i * 31 / 7 % 26);
  return text;
}

class SocketTlsTest : public support::TlsTest {
 protected:
  SocketTlsTest() {
    serve("", {});
    socket_ = accept_from({});
  }
  void start_reading(std::size_t room) {
    reading_ = read_all(*socket_, room);
    reading_.start();
  }
  void start_writing(const std::string& first, const std::string& second, Duration stall = long_enough) {
    written_.reset();
    writing_ = write_parts(*socket_, first, second, stall, written_);
    writing_.start();
  }

  std::unique_ptr<Socket> socket_;
  Task<void> reading_;
  Task<void> writing_;
  std::optional<IoResult<void>> written_;
};

TEST_F(SocketTlsTest, ReadsWhatComesWhateverTheSizeOfTheRoom) {
  for (const std::size_t room : {1U, 7U, 100U, 16'384U, 65'536U}) {
    socket_ = accept_from({});
    text_.clear();
    const std::string text = letters(room < 100 ? 5'000 : 200'000);
    client_->send(text.substr(0, 10));
    client_->send(text.substr(10));
    client_->finish();
    start_reading(room);
    run_until([&] { return reading_.done(); });
    EXPECT_TRUE(text_ == text) << room;
    EXPECT_FALSE(socket_->truncated());
    reading_.reset();
  }
}

TEST_F(SocketTlsTest, LargeBodiesGoBothWaysAtOnce) {
  const std::string text = letters(8 << 20);
  start_reading(65'536);
  start_writing("head", text);
  client_->send(text);
  run_until([&] { return written_ && client_->text().size() == text.size() + 4 && text_.size() == text.size(); });
  EXPECT_TRUE(client_->text() == "head" + text);
  EXPECT_TRUE(text_ == text);
}

TEST_F(SocketTlsTest, TwoConnectionsShareTheWorkersBuffers) {
  // Each reads a little of what is there, in turn, so that one's ciphertext makes room for the other's.
  std::unique_ptr<Socket> one = std::move(socket_);
  support::Pair pair = support::tcp_pair();
  start_accepting(std::move(pair.one));
  support::TlsPeer other_client(loop_, std::move(pair.other), {});
  run_until([&] { return accepted_ && other_client.established(); });
  Socket two(loop_, std::move((*accepted_)->fd), nullptr, std::move((*accepted_)->stream));
  const std::string text = letters(300'000);
  client_->send(text);
  other_client.send(text);
  std::string of_one;
  std::string of_two;
  std::array<char, 777> room;
  run_until([&] {
    for (int i = 0; i < 50; ++i) {
      if (const auto got = one->read_now(room); got && *got) of_one.append(room.data(), **got);
      if (const auto got = two.read_now(room); got && *got) of_two.append(room.data(), **got);
    }
    if (one->has_bytes() || two.has_bytes()) loop_.post([] {});
    return of_one.size() == text.size() && of_two.size() == text.size();
  });
  EXPECT_TRUE(of_one == text);
  EXPECT_TRUE(of_two == text);
}

TEST_F(SocketTlsTest, AShortMessageInTwoPartsIsOneRecordAndOneSend) {
  client_->hold();
  start_writing("head", "body");
  EXPECT_TRUE(written_);
  std::array<char, 1000> wire;
  const ssize_t size = ::recv(SSL_get_fd(client_->ssl()), wire.data(), wire.size(), MSG_PEEK);
  ASSERT_GT(size, 5);
  // What the handshake left (a ticket), and one record more.
  std::vector<std::size_t> records;
  for (std::size_t at = 0; at + 5 <= static_cast<std::size_t>(size); at += 5 + records.back()) {
    records.push_back(static_cast<std::size_t>(static_cast<unsigned char>(wire[at + 3])) << 8 |
                      static_cast<unsigned char>(wire[at + 4]));
  }
  ASSERT_FALSE(records.empty());
  EXPECT_EQ(records.back(), 8U + 1 + 16) << "both parts, its kind, its tag";
}

TEST_F(SocketTlsTest, TheOwnerHearsOfPlaintextAndOfTheEnd) {
  client_->send("x");
  run_until([&] { return owner_.readable == 1; });
  EXPECT_TRUE(socket_->readable());
  std::array<char, 10> room;
  EXPECT_EQ(socket_->read_now(room), IoResult<std::size_t>(1));
  EXPECT_FALSE(socket_->readable());
  EXPECT_FALSE(socket_->read_now(room).has_value());
  client_->finish();
  run_until([&] { return owner_.readable == 2; });
  EXPECT_EQ(socket_->read_now(room), IoResult<std::size_t>(0));
  EXPECT_EQ(socket_->read_now(room), IoResult<std::size_t>(0)) << "and again";
}

TEST_F(SocketTlsTest, HalfARecordIsNothingToRead) {
  // The client's record, cut in two by a man in between: its descriptor is ours to write to.
  BIO* wire = BIO_new(BIO_s_mem());
  BIO* own = SSL_get_wbio(client_->ssl());
  BIO_up_ref(own);
  SSL_set0_wbio(client_->ssl(), wire);
  SSL_write(client_->ssl(), "hello", 5);
  char* bytes = nullptr;
  const auto size = static_cast<std::size_t>(BIO_get_mem_data(wire, &bytes));
  const std::string record(bytes, size);
  SSL_set0_wbio(client_->ssl(), own);
  const int fd = SSL_get_fd(client_->ssl());
  for (std::size_t at = 0; at + 1 < record.size(); ++at) {
    ::send(fd, record.data() + at, 1, 0);
    run_until([&] { return !socket_->has_bytes(); });
  }
  turn();
  EXPECT_EQ(owner_.readable, 0);
  ::send(fd, record.data() + record.size() - 1, 1, 0);
  run_until([&] { return owner_.readable == 1; });
  start_reading(100);
  run_until([&] { return text_ == "hello"; });
}

TEST_F(SocketTlsTest, AReadWithoutABufferWaitsForPlaintext) {
  socket_->set_owner(nullptr);
  reading_ = read_some(*socket_, 0);
  reading_.start();
  client_->update_keys(false);
  turn();
  EXPECT_FALSE(reading_.done()) << "new keys are nothing to read";
  client_->send("x");
  run_until([&] { return reading_.done(); });
  EXPECT_EQ(read_, IoResult<std::size_t>(0));
  EXPECT_TRUE(socket_->readable());
}

TEST_F(SocketTlsTest, AReaderAndAWriterHaveTheirOwnDeadlines) {
  reading_ = read_some(*socket_, 100);
  reading_.start();
  client_->hold();
  start_writing(letters(64 << 20), "", Duration(50));
  run_until([&] { return written_.has_value(); });
  EXPECT_EQ(*written_, IoResult<void>(std::unexpected(IoError::timeout)));
  EXPECT_FALSE(reading_.done());
  client_->send("x");
  run_until([&] { return reading_.done(); });
  EXPECT_EQ(text_, "x");
}

TEST_F(SocketTlsTest, NewKeysOnBothSidesWhileBothSpeak) {
  const std::string text = letters(500'000);
  start_reading(10'000);
  start_writing(text, text);
  for (int i = 0; i < 5; ++i) {
    client_->update_keys(true);
    client_->send(text.substr(0, 100'000));
    turn();
  }
  run_until([&] { return written_ && client_->text().size() == 2 * text.size() && text_.size() == text.size(); });
  EXPECT_TRUE(client_->text() == text + text);
}

TEST_F(SocketTlsTest, T10WhoOnlyChangesKeysIsCutOff) {
  start_reading(100);
  for (int i = 0; i < 100; ++i) client_->update_keys(false);
  run_until([&] { return reading_.done(); });
  EXPECT_EQ(read_, std::unexpected(IoError::reset));
}

TEST_F(SocketTlsTest, T10WhoOnlyChangesKeysIsCutOffAlsoWhenNobodyReads) {
  for (int i = 0; i < 100; ++i) client_->update_keys(false);
  run_until([&] { return owner_.readable != 0; });
  std::array<char, 10> room;
  EXPECT_EQ(socket_->read_now(room), IoResult<std::size_t>(std::unexpected(IoError::reset)));
}

TEST_F(SocketTlsTest, ShuttingDownSaysSoAndTheOtherDirectionGoesOn) {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    socket_ = accept_from({.most = version});
    text_.clear();
    socket_->shutdown_write();
    run_until([&] { return client_->saw_end(); });
    EXPECT_EQ(client_->failure(), "");
    client_->send("still");
    start_reading(100);
    run_until([&] { return text_ == "still"; });
    reading_.reset();
  }
}

TEST_F(SocketTlsTest, ClosingSaysSo) {
  start_writing("last", "");
  socket_.reset();
  run_until([&] { return client_->over(); });
  EXPECT_TRUE(client_->saw_end());
  EXPECT_EQ(client_->text(), "last");
}

TEST_F(SocketTlsTest, ClosingWithAResetDoesNot) {
  start_writing("half an answer", "");
  socket_->reset_on_close();
  socket_.reset();
  run_until([&] { return client_->over(); });
  EXPECT_TRUE(client_->saw_failure());
}

TEST_F(SocketTlsTest, AnEndWithoutAWordIsToldAsCutOff) {
  client_->send("text");
  client_->finish_rudely();
  start_reading(100);
  run_until([&] { return reading_.done(); });
  EXPECT_EQ(text_, "text");
  EXPECT_EQ(read_, IoResult<std::size_t>(0));
  EXPECT_TRUE(socket_->truncated());
  start_writing("answer", "");
  run_until([&] { return client_->text() == "answer"; });
}

TEST_F(SocketTlsTest, AResetEndsTheRead) {
  start_reading(100);
  turn();
  client_->reset();
  run_until([&] { return reading_.done(); });
  EXPECT_EQ(read_, std::unexpected(IoError::reset));
}

TEST_F(SocketTlsTest, WhatIsNoTlsInsideIsAResetAndIsToldThePeer) {
  start_reading(100);
  const std::string junk(
      "\x17\x03\x03\x00\x20"
      "01234567890123456789012345678901",
      37);
  ::send(SSL_get_fd(client_->ssl()), junk.data(), junk.size(), 0);
  run_until([&] { return reading_.done() && client_->over(); });
  EXPECT_EQ(read_, std::unexpected(IoError::reset));
  EXPECT_EQ(client_->failure(), "sslv3 alert bad record mac");
  start_writing("x", "");
  EXPECT_EQ(*written_, IoResult<void>(std::unexpected(IoError::reset)));
}

TEST_F(SocketTlsTest, AWriteGoesOnAsThePeerTakes) {
  client_->hold();
  const std::string first = letters(3 << 20);
  const std::string second = letters(2 << 20);
  start_writing(first, second);
  turn();
  EXPECT_FALSE(written_);
  client_->release();
  run_until([&] { return written_ && client_->text().size() == first.size() + second.size(); });
  EXPECT_TRUE(*written_);
  EXPECT_TRUE(client_->text() == first + second);
}

TEST_F(SocketTlsTest, WhatIsPutOffGoesOutAtTheEndOfTheTurn) {
  Ledger ledger(1 << 20);
  Outbox& outbox = loop_.outbox();
  const auto put_off = [&](std::string_view text) {
    const std::span<char> room = outbox.room(text.size());
    text.copy(room.data(), text.size());
    socket_->put_off(outbox.keep(room.first(text.size())), ledger, long_enough);
  };
  put_off("put off");
  EXPECT_TRUE(socket_->is_put_off());
  run_until([&] { return client_->text() == "put off"; });
  EXPECT_FALSE(socket_->has_unsent());

  put_off(" first");
  start_writing(" second", "");
  EXPECT_TRUE(written_);
  run_until([&] { return client_->text() == "put off first second"; });

  put_off(" never");
  socket_->discard_put_off();
  turn();
  EXPECT_EQ(client_->text(), "put off first second");
  EXPECT_EQ(ledger.held(), 0U);
}

TEST_F(SocketTlsTest, WhatIsPutOffWaitsForAPeerThatTakesNothing) {
  client_->hold();
  // As much as the kernel takes, and no more.
  const std::string much = letters(1 << 16);
  std::size_t sent = 0;
  for (;;) {
    const IoResult<std::size_t> now = socket_->write_now(std::string_view(much).substr(sent % much.size()), {});
    ASSERT_TRUE(now);
    if (*now == 0) break;
    sent += *now;
  }
  // The bytes that were refused are offered again first, as they must be.
  Ledger ledger(1 << 20);
  const std::string text = much.substr(sent % much.size()) + "end";
  const std::size_t size = std::min(text.size(), Outbox::size);
  const std::span<char> room = loop_.outbox().room(size);
  text.copy(room.data(), size);
  socket_->put_off(loop_.outbox().keep(room.first(size)), ledger, long_enough);
  turn();
  EXPECT_TRUE(socket_->has_unsent());
  EXPECT_NE(ledger.held(), 0U);
  client_->release();
  run_until([&] { return owner_.sent == 1; });
  EXPECT_FALSE(socket_->has_unsent());
  EXPECT_EQ(ledger.held(), 0U);
  run_until([&] { return client_->text().size() == sent + size; });
  EXPECT_TRUE(client_->text().ends_with(text.substr(0, size)));
  EXPECT_EQ(client_->text().substr(0, 1000), much.substr(0, 1000));
}

TEST_F(SocketTlsTest, WriteAtOnceIsAllOrNothing) {
  EXPECT_TRUE(socket_->write_at_once("HTTP/1.1 100 Continue\r\n\r\n"));
  run_until([&] { return client_->text() == "HTTP/1.1 100 Continue\r\n\r\n"; });
  client_->hold();
  start_writing(letters(64 << 20), "");
  EXPECT_FALSE(socket_->write_at_once("x")) << "somebody writes";
}

TEST_F(SocketTlsTest, ALiveConnectionIsHandedOn) {
  client_->send("early ");
  run_until([&] { return owner_.readable == 1; });
  Socket::Released released = socket_->release();
  socket_.reset();
  turn();
  EXPECT_FALSE(client_->over());
  support::TestOwner other;
  socket_ = std::make_unique<Socket>(loop_, std::move(released.fd), &other, std::move(released.stream));
  run_until([&] { return other.readable != 0; });
  client_->send("late");
  start_reading(100);
  run_until([&] { return text_ == "early late"; });
  start_writing("answer", "");
  run_until([&] { return client_->text() == "answer"; });
  socket_->set_owner(nullptr);
}

TEST_F(SocketTlsTest, WhatCameWithTheHandshakeIsHeardOf) {
  // The request follows the client's last message at once, in one piece, as clients do.
  support::Pair pair = support::tcp_pair();
  client_.emplace(loop_, std::move(pair.other), support::TlsPeerSettings());
  client_->send("request");
  start_accepting(std::move(pair.one));
  run_until([&] { return accepted_ && client_->sent_all(); });
  owner_ = {};
  socket_ = std::make_unique<Socket>(loop_, std::move((*accepted_)->fd), &owner_, std::move((*accepted_)->stream));
  run_until([&] { return owner_.readable != 0; });
  start_reading(100);
  run_until([&] { return text_ == "request"; });
}

}  // namespace
}  // namespace sallyport::net
