// SPDX-License-Identifier: Apache-2.0
// Replies that TLS makes by itself, to a peer that asks for many and takes none (T-10).
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <string>

#include "net/tls/memory.hpp"
#include "support/tls_test.hpp"

namespace sallyport::net {
namespace {

class KeyUpdatesTest : public support::TlsTest {
 protected:
  KeyUpdatesTest() {
    serve("", {});
    // Little of the replies fits into the kernel. A full TCP would drop acknowledgements with them, and what asks for
    // more would not come.
    support::Pair pair = support::local_pair(SOCK_STREAM);
    const int size = 4096;
    ::setsockopt(pair.one.get(), SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    start_accepting(std::move(pair.one));
    client_.emplace(loop_, std::move(pair.other), support::TlsPeerSettings());
    run_until([&] { return accepted_.has_value() && client_->established(); });
    socket_ = std::make_unique<Socket>(loop_, std::move((*accepted_)->fd), nullptr, std::move((*accepted_)->stream));
    reading_ = read_all(*socket_, 100);
    reading_.start();
  }
  // New keys on both sides, and payload that makes up for them.
  void ask_for_a_reply() {
    client_->update_keys(true);
    for (int i = 0; i < 6; ++i) client_->send("x");
    run_until([&, wanted = 6U * ++asked_] { return reading_.done() || text_.size() == wanted; });
  }

  std::unique_ptr<Socket> socket_;
  Task<void> reading_;
  unsigned asked_ = 0;
};

TEST_F(KeyUpdatesTest, T10RepliesAreBoundedWhilePayloadFlows) {
  constexpr unsigned most = 5'000;
  client_->hold();
  const std::int64_t before = tls::memory_in_use();
  while (asked_ < most && !reading_.done()) ask_for_a_reply();
  EXPECT_LT(asked_, most);
  EXPECT_EQ(read_, std::unexpected(IoError::reset));
  EXPECT_LT(tls::memory_in_use() - before, 64 * 1024);
}

TEST_F(KeyUpdatesTest, WhoTakesTheRepliesGoesOn) {
  for (int i = 0; i < 2'000; ++i) ask_for_a_reply();
  EXPECT_FALSE(reading_.done());
}

}  // namespace
}  // namespace sallyport::net
