// SPDX-License-Identifier: Apache-2.0
#include "net/acceptor.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <numeric>
#include <utility>
#include <vector>

#include "support/descriptors.hpp"
#include "support/loop_test.hpp"

namespace {
bool descriptors_are_out = false;
}

// In the place of the C library's. A lowered limit of descriptors would be simpler, but the undefined behaviour
// sanitizer needs some of its own.
extern "C" int accept4(int fd, sockaddr* address, socklen_t* size, int flags) {
  if (descriptors_are_out) {
    errno = EMFILE;
    return -1;
  }
  return static_cast<int>(::syscall(SYS_accept4, fd, address, size, flags));
}

namespace sallyport::net {
namespace {

class AcceptorTest : public support::LoopTest {
 protected:
  AcceptorTest() {
    acceptor_ =
        std::make_unique<Acceptor>(loop_, std::move(listener_.fd), [this](Fd fd, const syntax::SocketAddress& peer) {
          accepted_.push_back(std::move(fd));
          peers_.push_back(peer);
          if (accepted_.size() == pause_at_) acceptor_->pause();
        });
  }

  void connect(int count) {
    for (int i = 0; i < count; ++i) clients_.push_back(support::connect_to(listener_.address));
  }

  support::Listener listener_ = support::tcp_listener(512);
  std::unique_ptr<Acceptor> acceptor_;
  std::vector<Fd> clients_;
  std::vector<Fd> accepted_;
  std::vector<syntax::SocketAddress> peers_;
  std::size_t pause_at_ = 0;
};

TEST_F(AcceptorTest, GivesEachConnectionWithItsPeersAddress) {
  connect(2);
  run_until([&] { return accepted_.size() == 2; });
  EXPECT_EQ(peers_[0].ip.text(), "127.0.0.1");
  EXPECT_NE(peers_[0].port, peers_[1].port);
}

TEST_F(AcceptorTest, TakesAtMost16ATurn) {
  connect(150);
  std::vector<std::size_t> after_each_turn;
  run_until([&] {
    after_each_turn.push_back(accepted_.size());
    return accepted_.size() == 150;
  });
  std::adjacent_difference(after_each_turn.begin(), after_each_turn.end(), after_each_turn.begin());
  EXPECT_EQ(*std::ranges::max_element(after_each_turn), 16U);
}

TEST_F(AcceptorTest, TakesNoMoreFromTheMomentItIsPausedUntilItIsResumed) {
  pause_at_ = 3;
  connect(10);
  run_until([&] { return accepted_.size() == 3; });
  turn();
  EXPECT_EQ(accepted_.size(), 3U);
  acceptor_->resume();
  run_until([&] { return accepted_.size() == 10; });
}

TEST_F(AcceptorTest, EmptiesItsQueueWhenItIsDestroyed) {
  acceptor_->pause();
  connect(100);
  acceptor_.reset();
  EXPECT_EQ(accepted_.size(), 100U);
}

// As long as it lives no connection can be accepted for want of descriptors.
class NoDescriptors {
 public:
  NoDescriptors() { descriptors_are_out = true; }
  NoDescriptors(const NoDescriptors&) = delete;
  NoDescriptors& operator=(const NoDescriptors&) = delete;
  ~NoDescriptors() { descriptors_are_out = false; }
};

TEST_F(AcceptorTest, PausesInsteadOfSpinningWhenDescriptorsRunOutAndGoesOnByItself) {
  connect(1);
  int turns = 0;
  {
    const NoDescriptors none;
    const Time until = Clock::now() + Duration(80);
    run_until([&] {
      ++turns;
      return loop_.now() > until;
    });
    EXPECT_TRUE(accepted_.empty());
    EXPECT_LT(turns, 100) << "the socket stays readable: without a pause each turn would find it so";
  }
  run_until([&] { return accepted_.size() == 1; });
}

TEST_F(AcceptorTest, APauseThatWasAskedForOutlastsTheOneForWantOfDescriptors) {
  connect(1);
  Time began;
  {
    const NoDescriptors none;
    turn();
    began = loop_.now();
    acceptor_->pause();
  }
  run_past(began + Duration(200));
  EXPECT_TRUE(accepted_.empty());
  acceptor_->resume();
  run_until([&] { return accepted_.size() == 1; });
}

TEST_F(AcceptorTest, IsDestroyedWhileDescriptorsAreOut) {
  connect(1);
  const NoDescriptors none;
  turn();
  acceptor_.reset();
  EXPECT_TRUE(accepted_.empty());
  turn();
}

}  // namespace
}  // namespace sallyport::net
