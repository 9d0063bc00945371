// SPDX-License-Identifier: Apache-2.0
#include "support/peer.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <utility>

namespace sallyport::support {

Peer::Peer(net::Loop& loop, net::Fd fd) : loop_(loop), fd_(std::move(fd)) {
  EXPECT_TRUE(loop_.add(fd_.get(), EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, *this));
}

Peer::~Peer() { close(); }

void Peer::close() {
  if (!fd_) return;
  loop_.remove(fd_.get(), *this);
  fd_.reset();
}

void Peer::reset() {
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close();
}

void Peer::send(std::string_view bytes) {
  pending_ += bytes;
  flush();
}

void Peer::finish() {
  finishes_ = true;
  flush();
}

void Peer::release() {
  holds_ = false;
  receive();
}

std::string Peer::take() {
  std::string taken = text_.substr(taken_);
  taken_ = text_.size();
  return taken;
}

void Peer::on_events(std::uint32_t events) {
  if ((events & EPOLLOUT) != 0) flush();
  if ((events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0 && !holds_) receive();
}

void Peer::receive() {
  std::array<char, 65536> room;
  while (fd_ && !over()) {
    const ssize_t got = ::recv(fd_.get(), room.data(), room.size(), 0);
    if (got < 0 && errno == EAGAIN) return;
    if (got < 0) {
      saw_reset_ = true;
    } else if (got == 0) {
      saw_end_ = true;
    } else {
      text_.append(room.data(), static_cast<std::size_t>(got));
    }
  }
}

void Peer::flush() {
  while (fd_ && !pending_.empty()) {
    const ssize_t sent = ::send(fd_.get(), pending_.data(), pending_.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN) pending_.clear();  // nobody takes it any more
    if (sent < 0) return;
    pending_.erase(0, static_cast<std::size_t>(sent));
  }
  if (fd_ && std::exchange(finishes_, false)) ::shutdown(fd_.get(), SHUT_WR);
}

}  // namespace sallyport::support
