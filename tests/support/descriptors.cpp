// SPDX-License-Identifier: Apache-2.0
#include "support/descriptors.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "net/socket_address.hpp"

namespace sallyport::support {
namespace {

net::Fd checked(int fd, const char* what) {
  EXPECT_GE(fd, 0) << what << ": " << std::strerror(errno);
  return net::Fd(fd);
}

}  // namespace

Pair local_pair(int type) {
  std::array<int, 2> ends{-1, -1};
  EXPECT_EQ(::socketpair(AF_UNIX, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()), 0) << std::strerror(errno);
  return {net::Fd(ends[0]), net::Fd(ends[1])};
}

Listener tcp_listener(int backlog) {
  const auto address = syntax::SocketAddress::parse("127.0.0.1:0");
  net::KernelAddress kernel = net::to_kernel(*address);
  net::Fd fd = checked(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), "socket");
  EXPECT_EQ(::bind(fd.get(), kernel.get(), kernel.size), 0) << std::strerror(errno);
  EXPECT_EQ(::listen(fd.get(), backlog), 0) << std::strerror(errno);
  net::KernelAddress actual;
  EXPECT_EQ(::getsockname(fd.get(), actual.get(), &actual.size), 0) << std::strerror(errno);
  return {std::move(fd), *net::from_kernel(actual)};
}

net::Fd connect_to(const syntax::SocketAddress& address) {
  net::KernelAddress kernel = net::to_kernel(address);
  net::Fd fd = checked(::socket(kernel.get()->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
  EXPECT_EQ(::connect(fd.get(), kernel.get(), kernel.size), 0) << std::strerror(errno);
  EXPECT_EQ(::fcntl(fd.get(), F_SETFL, O_NONBLOCK), 0) << std::strerror(errno);
  return fd;
}

Pair tcp_pair() {
  const Listener listener = tcp_listener(1);
  net::Fd other = connect_to(listener.address);
  net::Fd one = checked(::accept4(listener.fd.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC), "accept4");
  return {std::move(one), std::move(other)};
}

syntax::SocketAddress unused_address() { return tcp_listener(1).address; }

void set_small_buffers(const net::Fd& fd) {
  const int size = 4096;
  ::setsockopt(fd.get(), SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
  ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
}

}  // namespace sallyport::support
