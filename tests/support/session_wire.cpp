// SPDX-License-Identifier: Apache-2.0
#include "support/session_wire.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <limits>
#include <utility>

namespace sallyport::support {

// What is said in two pieces is not to wait 40 ms for the acknowledgement of the first: turns are counted.
Wire::Wire(net::Fd fd) : fd_(std::move(fd)) {
  const int on = 1;
  ::setsockopt(fd_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

void Wire::send(std::string_view bytes) {
  if (!fd_) return;
  pending_ += bytes;
  flush();
}

void Wire::finish() {
  finishes_ = true;
  flush();
}

void Wire::close() {
  if (!pending_.empty()) return reset();
  fd_.reset();
}

void Wire::reset() {
  if (!fd_) return;
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  fd_.reset();
}

void Wire::set_holds(bool holds) {
  holds_ = holds;
  // By itself the kernel takes as much as it thinks fit, which may be more than anybody sends here.
  const int room = holds ? 16 * 1024 : 1024 * 1024;
  if (fd_) ::setsockopt(fd_.get(), SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
}

std::size_t Wire::receive(std::size_t most) {
  std::array<char, 16384> room;
  std::size_t all = 0;
  while (all < most && !over()) {
    const ssize_t got = ::recv(fd_.get(), room.data(), std::min(room.size(), most - all), 0);
    if (got < 0 && errno == EAGAIN) break;
    if (got < 0) {
      saw_reset_ = true;
    } else if (got == 0) {
      saw_end_ = true;
    } else {
      text_.append(room.data(), static_cast<std::size_t>(got));
      all += static_cast<std::size_t>(got);
    }
  }
  return all;
}

bool Wire::flush() {
  bool moved = false;
  while (fd_ && !pending_.empty()) {
    const ssize_t sent = ::send(fd_.get(), pending_.data(), pending_.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN) pending_.clear();  // nobody takes it any more
    if (sent < 0) return moved;
    pending_.erase(0, static_cast<std::size_t>(sent));
    moved = true;
  }
  if (fd_ && std::exchange(finishes_, false)) moved = ::shutdown(fd_.get(), SHUT_WR) == 0;
  return moved;
}

bool Wire::pump() {
  const bool was_over = over();
  const bool sent = flush();
  const bool got = !holds_ && receive(std::numeric_limits<std::size_t>::max()) != 0;
  return sent || got || over() != was_over;
}

}  // namespace sallyport::support
