// SPDX-License-Identifier: Apache-2.0
// The calls that every request makes, without the C library's functions around them: those are points at which a thread
// may be cancelled, which in a program of several threads costs two locked instructions each, and nobody cancels ours.
// Results and errno as of the functions.

#pragma once

#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <span>
#include <string_view>

namespace sallyport::net::system {

inline ssize_t receive(int fd, std::span<char> room) {
  return ::syscall(SYS_recvfrom, fd, room.data(), room.size(), 0, nullptr, nullptr);
}

// Without a signal when the peer is gone.
inline ssize_t send(int fd, std::string_view bytes) {
  return ::syscall(SYS_sendto, fd, bytes.data(), bytes.size(), MSG_NOSIGNAL, nullptr, 0);
}

inline int wait(int epoll, std::span<epoll_event> room, int milliseconds) {
  return static_cast<int>(
      ::syscall(SYS_epoll_pwait, epoll, room.data(), static_cast<int>(room.size()), milliseconds, nullptr, 0));
}

}  // namespace sallyport::net::system
