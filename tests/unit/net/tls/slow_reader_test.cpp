// SPDX-License-Identifier: Apache-2.0
// Writes with TLS to a peer that takes a little at a time: what is left of a record's ciphertext is progress as well.
#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <array>
#include <string>

#include "support/tls_test.hpp"

namespace sallyport::net {
namespace {

class TlsSlowReaderTest : public support::TlsTest {
 protected:
  TlsSlowReaderTest() {
    serve("", {});
    support::Pair pair = support::tcp_pair();
    support::set_small_buffers(pair.other);
    start_accepting(std::move(pair.one));
    client_.emplace(loop_, std::move(pair.other), support::TlsPeerSettings());
    run_until([&] { return accepted_.has_value() && client_->established(); });
    client_->hold();
    socket_ = std::make_unique<Socket>(loop_, std::move((*accepted_)->fd), nullptr, std::move((*accepted_)->stream));
  }

  void start(Duration stall) {
    writing_ = write_parts(*socket_, std::string(16 << 20, 'x'), "", stall, written_);
    writing_.start();
  }

  // Takes what is there now and then, of the connection itself. A timer, so that it has had its turn between any two of
  // the socket's.
  struct Taker final : Timer {
    explicit Taker(TlsSlowReaderTest& of) : test(of) {}
    void fire() override {
      std::array<char, 4096> room;
      static_cast<void>(::recv(SSL_get_fd(test.client_->ssl()), room.data(), room.size(), MSG_DONTWAIT));
      test.loop_.timers().arm(*this, test.loop_.now() + Duration(10));
    }
    TlsSlowReaderTest& test;
  };

  std::unique_ptr<Socket> socket_;
  std::optional<IoResult<void>> written_;
  Task<void> writing_;
};

TEST_F(TlsSlowReaderTest, WhoTakesALittleNowAndThenDoesNotStall) {
  start(Duration(1'000));
  Taker taker(*this);
  taker.fire();
  run_past(Clock::now() + Duration(1'500));
  EXPECT_FALSE(written_);
}

TEST_F(TlsSlowReaderTest, WhoTakesNothingStalls) {
  start(Duration(100));
  run_until([&] { return written_.has_value(); });
  EXPECT_EQ(*written_, IoResult<void>(std::unexpected(IoError::timeout)));
}

}  // namespace
}  // namespace sallyport::net
