// SPDX-License-Identifier: Apache-2.0
// An upstream on the test's loop: keeps every connection it gets, and says nothing that the test does not tell it to.

#pragma once

#include <gtest/gtest.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <memory>
#include <vector>

#include "net/loop.hpp"
#include "support/descriptors.hpp"
#include "support/peer.hpp"

namespace sallyport::proxy {

class Origin final : private net::Watcher {
 public:
  explicit Origin(net::Loop& loop) : loop_(loop), listener_(support::tcp_listener(64)) {
    EXPECT_TRUE(loop_.add(listener_.fd.get(), EPOLLIN, *this));
  }
  Origin(const Origin&) = delete;
  Origin& operator=(const Origin&) = delete;
  ~Origin() { loop_.remove(listener_.fd.get(), *this); }

  const syntax::SocketAddress& address() const { return listener_.address; }
  std::size_t accepted() const { return peers_.size(); }
  support::Peer& peer(std::size_t number) { return *peers_.at(number); }

  // Connection `number` has sent so many whole heads.
  bool asked(std::size_t number, std::size_t times = 1) const {
    if (number >= peers_.size()) return false;
    const std::string& text = peers_[number]->text();
    std::size_t heads = 0;
    for (auto at = text.find("\r\n\r\n"); at != text.npos; at = text.find("\r\n\r\n", at + 4)) ++heads;
    return heads >= times;
  }

 private:
  void on_events(std::uint32_t) override {
    for (;;) {
      net::Fd fd(::accept4(listener_.fd.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
      if (!fd) return;
      peers_.push_back(std::make_unique<support::Peer>(loop_, std::move(fd)));
    }
  }

  net::Loop& loop_;
  support::Listener listener_;
  std::vector<std::unique_ptr<support::Peer>> peers_;
};

}  // namespace sallyport::proxy
