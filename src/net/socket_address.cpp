// SPDX-License-Identifier: Apache-2.0
#include "net/socket_address.hpp"

#include <array>
#include <cstring>

namespace sallyport::net {

KernelAddress to_kernel(const syntax::SocketAddress& address) {
  KernelAddress kernel;
  const auto bytes = address.ip.bytes();
  if (address.ip.is_v4()) {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(address.port);
    std::memcpy(&v4.sin_addr, bytes.data(), sizeof v4.sin_addr);
    std::memcpy(&kernel.storage, &v4, sizeof v4);
    kernel.size = sizeof v4;
  } else {
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(address.port);
    std::memcpy(&v6.sin6_addr, bytes.data(), sizeof v6.sin6_addr);
    std::memcpy(&kernel.storage, &v6, sizeof v6);
    kernel.size = sizeof v6;
  }
  return kernel;
}

std::optional<syntax::SocketAddress> from_kernel(const KernelAddress& address) {
  if (address.storage.ss_family == AF_INET) {
    sockaddr_in v4;
    std::memcpy(&v4, &address.storage, sizeof v4);
    std::array<std::uint8_t, 4> bytes;
    std::memcpy(bytes.data(), &v4.sin_addr, bytes.size());
    return syntax::SocketAddress{syntax::IpAddress::from_v4(bytes), ntohs(v4.sin_port)};
  }
  if (address.storage.ss_family == AF_INET6) {
    sockaddr_in6 v6;
    std::memcpy(&v6, &address.storage, sizeof v6);
    std::array<std::uint8_t, 16> bytes;
    std::memcpy(bytes.data(), &v6.sin6_addr, bytes.size());
    return syntax::SocketAddress{syntax::IpAddress::from_v6(bytes), ntohs(v6.sin6_port)};
  }
  return std::nullopt;
}

}  // namespace sallyport::net
