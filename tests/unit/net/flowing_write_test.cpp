// SPDX-License-Identifier: Apache-2.0
// Parts of a message that flows on: the kernel may keep their end for a full segment, but not beyond the turn.
#include <gtest/gtest.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <string>

#include "net/socket.hpp"
#include "support/descriptors.hpp"
#include "support/loop_test.hpp"

namespace sallyport::net {
namespace {

class FlowingWriteTest : public support::LoopTest {
 protected:
  // Bytes that the kernel has taken and not sent.
  int kept() const {
    int bytes = 0;
    EXPECT_EQ(::ioctl(fd_, SIOCOUTQNSD, &bytes), 0);
    return bytes;
  }

  support::Pair pair_ = support::tcp_pair();
  int fd_ = pair_.one.get();
  Socket socket_{loop_, std::move(pair_.one), nullptr};
};

TEST_F(FlowingWriteTest, ItsEndIsKeptForTheNextPart) {
  EXPECT_EQ(socket_.write_now("begin", {}, true), 5U);
  EXPECT_EQ(kept(), 5);
  EXPECT_EQ(socket_.write_now("end", {}), 3U);
  EXPECT_EQ(kept(), 0);
}

TEST_F(FlowingWriteTest, ItsEndGoesOutWithTheTurn) {
  EXPECT_EQ(socket_.write_now("begin", {}, true), 5U);
  turn(2);
  EXPECT_EQ(kept(), 0);
}

TEST_F(FlowingWriteTest, TheKernelHoldsNoMoreUnsentThanItMay) {
  constexpr int most = 64 * 1024;
  int limit = 0;
  socklen_t size = sizeof limit;
  socket_.set_most_unsent(most);
  ASSERT_EQ(::getsockopt(fd_, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &limit, &size), 0);
  EXPECT_EQ(limit, most);
}

}  // namespace
}  // namespace sallyport::net
