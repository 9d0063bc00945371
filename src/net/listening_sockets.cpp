// SPDX-License-Identifier: Apache-2.0
#include "net/listening_sockets.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "base/text.hpp"
#include "net/socket_address.hpp"

namespace sallyport::net {
namespace {

constexpr int backlog = 4096;  // the kernel caps it at net.core.somaxconn
// Of a connection's bytes that are not sent yet, for accepted sockets inherit it. Else the kernel takes 1.7 MB for a
// client that reads nothing, which no ledger sees, and some hundreds of them are felt by all others: what the kernel
// has for TCP is a tenth of the memory (tcp_mem), and when it is gone everybody's segments are dropped. Who reads long
// bodies fast is allowed more (http/h1/message_writer.cpp).
constexpr int most_unsent = 32 * 1024;

std::string why_not(const syntax::SocketAddress& address, int error) {
  const std::string where = text::cat("cannot listen on ", address.text(), ": ");
  switch (error) {
    case EADDRINUSE:
      return text::cat(where, "another process has this port (find it with: ss -ltnp 'sport = :", address.port,
                       "'); end that process or choose another port");
    case EACCES:
      return text::cat(where, "no privilege for a port below 1024; map it with --port-map ", address.port, "=",
                       address.port + 8000, ", or grant CAP_NET_BIND_SERVICE");
    case EADDRNOTAVAIL:
      return text::cat(where, "this machine has no such address");
    default:
      return text::cat(where, std::strerror(error));
  }
}

Fd open_socket(int family) {
  Fd fd(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const int on = 1;
  if (fd) ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  // IPv4 has sockets of its own.
  if (fd && family == AF_INET6) ::setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  // What is accepted inherits it, which saves each connection a call.
  if (fd) ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return fd;
}

Failure failed(const syntax::SocketAddress& address) { return fail(Code::invalid, "", why_not(address, errno)); }

}  // namespace

Result<ListeningSockets> open_listening_sockets(const syntax::SocketAddress& address, std::size_t slots) {
  ListeningSockets sockets{.by_slot = {}, .bound = address};
  KernelAddress kernel = to_kernel(address);
  {
    // Alone first: with SO_REUSEPORT on both sides a bind would succeed although somebody listens there.
    const Fd alone = open_socket(kernel.get()->sa_family);
    if (!alone || ::bind(alone.get(), kernel.get(), kernel.size) != 0 || ::listen(alone.get(), 1) != 0) {
      return failed(address);
    }
    KernelAddress actual;
    ::getsockname(alone.get(), actual.get(), &actual.size);
    if (const auto bound = from_kernel(actual)) sockets.bound = *bound;
  }
  kernel = to_kernel(sockets.bound);
  for (std::size_t slot = 0; slot < slots; ++slot) {
    Fd fd = open_socket(kernel.get()->sa_family);
    const int on = 1;
    if (fd) ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NOTSENT_LOWAT, &most_unsent, sizeof most_unsent);
    if (!fd || ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) != 0 ||
        ::bind(fd.get(), kernel.get(), kernel.size) != 0 || ::listen(fd.get(), backlog) != 0) {
      return failed(address);
    }
    sockets.by_slot.push_back(std::move(fd));
  }
  return sockets;
}

}  // namespace sallyport::net
