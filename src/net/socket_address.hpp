// SPDX-License-Identifier: Apache-2.0
// Our addresses as the kernel's.

#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <optional>

#include "syntax/address.hpp"

namespace sallyport::net {

struct KernelAddress {
  sockaddr_storage storage{};
  socklen_t size = sizeof(sockaddr_storage);

  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
};

KernelAddress to_kernel(const syntax::SocketAddress& address);
// None for a family that is not IP.
std::optional<syntax::SocketAddress> from_kernel(const KernelAddress& address);

}  // namespace sallyport::net
