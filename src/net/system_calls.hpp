// SPDX-License-Identifier: Apache-2.0
// The calls that every request makes, without the C library's functions around them: those are points at which a thread
// may be cancelled, which in a program of several threads costs two locked instructions each, and nobody cancels ours.
// Results and errno as of the functions, which is what sanitizers get, for they watch those.

#pragma once

#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <span>
#include <string_view>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SALLYPORT_LIBRARY_CALLS 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SALLYPORT_LIBRARY_CALLS 1
#endif
#endif

namespace sallyport::net::system {

#ifdef SALLYPORT_LIBRARY_CALLS

inline ssize_t receive(int fd, std::span<char> room) { return ::recv(fd, room.data(), room.size(), 0); }
inline ssize_t send(int fd, std::string_view bytes, int flags = 0) {
  return ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL | flags);
}

#else

inline ssize_t receive(int fd, std::span<char> room) {
  return ::syscall(SYS_recvfrom, fd, room.data(), room.size(), 0, nullptr, nullptr);
}

// Without a signal when the peer is gone.
inline ssize_t send(int fd, std::string_view bytes, int flags = 0) {
  return ::syscall(SYS_sendto, fd, bytes.data(), bytes.size(), MSG_NOSIGNAL | flags, nullptr, 0);
}

#endif

}  // namespace sallyport::net::system
