// SPDX-License-Identifier: Apache-2.0
// An upstream of HTTP/2 on the test's loop: keeps every connection it gets, and says nothing but its SETTINGS that the
// test does not tell it to.

#pragma once

#include <gtest/gtest.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <memory>
#include <utility>
#include <vector>

#include "net/loop.hpp"
#include "support/descriptors.hpp"
#include "support/h2_client.hpp"
#include "support/peer.hpp"

namespace sallyport::proxy {

class H2Origin final : private net::Watcher {
 public:
  using Settings = std::vector<std::pair<std::uint16_t, std::uint32_t>>;

  explicit H2Origin(net::Loop& loop, Settings settings = {})
      : loop_(loop), settings_(std::move(settings)), listener_(support::tcp_listener(256)) {
    EXPECT_TRUE(loop_.add(listener_.fd.get(), EPOLLIN, *this));
  }
  H2Origin(const H2Origin&) = delete;
  H2Origin& operator=(const H2Origin&) = delete;
  ~H2Origin() { loop_.remove(listener_.fd.get(), *this); }

  const syntax::SocketAddress& address() const { return listener_.address; }
  std::size_t accepted() const { return connections_.size(); }
  support::H2Client& connection(std::size_t number) { return *connections_.at(number); }
  // The head of a request came on this stream.
  bool asked(std::size_t number, std::uint32_t stream) {
    return number < accepted() && !connection(number).answer(stream).head.empty();
  }
  // Where a request waits that was not seen before; a stream of 0: nowhere.
  std::pair<std::size_t, std::uint32_t> next_asked() {
    for (std::size_t number = 0; number < accepted(); ++number) {
      if (connection(number).over()) continue;
      if (asked(number, seen_[number])) return {number, std::exchange(seen_[number], seen_[number] + 2)};
    }
    return {0, 0};
  }

 private:
  void on_events(std::uint32_t) override {
    for (;;) {
      net::Fd fd(::accept4(listener_.fd.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
      if (!fd) return;
      connections_.push_back(
          std::make_unique<support::H2Client>(std::make_unique<support::Peer>(loop_, std::move(fd))));
      seen_.push_back(1);
      connections_.back()->be_server();
      connections_.back()->start_server(settings_);
    }
  }

  net::Loop& loop_;
  Settings settings_;
  support::Listener listener_;
  std::vector<std::unique_ptr<support::H2Client>> connections_;
  std::vector<std::uint32_t> seen_;  // the next stream of each
};

}  // namespace sallyport::proxy
