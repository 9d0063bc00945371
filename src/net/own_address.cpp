// SPDX-License-Identifier: Apache-2.0
#include "net/own_address.hpp"

#include <sys/socket.h>

#include "net/fd.hpp"
#include "net/socket_address.hpp"

namespace sallyport::net {

// A datagram socket that is connected says what it would send from. To an address of our own that is the very address,
// or 127.0.0.1 for another one of loopback. The unspecified address leads to loopback, on Linux.
bool is_own_address(const syntax::IpAddress& address) {
  if (address.is_loopback() || address.is_unspecified()) return true;
  constexpr std::uint16_t any_port = 9;
  KernelAddress to = to_kernel({address, any_port});
  const Fd fd(::socket(to.storage.ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return true;
  if (::connect(fd.get(), to.get(), to.size) != 0) return false;
  KernelAddress from;
  if (::getsockname(fd.get(), from.get(), &from.size) != 0) return false;
  const auto own = from_kernel(from);
  return own && own->ip == address;
}

}  // namespace sallyport::net
