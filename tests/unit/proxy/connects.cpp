// SPDX-License-Identifier: Apache-2.0
#include "unit/proxy/connects.hpp"

#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "net/socket_address.hpp"

namespace {

sallyport::proxy::Connects* looking = nullptr;

// The error number, or 0.
int noted(const sockaddr* address, socklen_t size) {
  sallyport::net::KernelAddress copy;
  std::memcpy(&copy.storage, address, size);
  const auto to = sallyport::net::from_kernel(copy);
  if (!to) return 0;
  looking->seen.push_back(*to);
  const auto error = looking->errors.find(*to);
  return error == looking->errors.end() ? 0 : error->second;
}

}  // namespace

extern "C" int connect(int fd, const sockaddr* address, socklen_t size) {
  int type = 0;
  socklen_t type_size = sizeof type;
  if (looking != nullptr && ::getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &type_size) == 0 && type == SOCK_STREAM) {
    if (const int error = noted(address, size); error != 0) {
      errno = error;
      return -1;
    }
  }
  return static_cast<int>(::syscall(SYS_connect, fd, address, size));
}

namespace sallyport::proxy {

Connects::Connects() { looking = this; }
Connects::~Connects() { looking = nullptr; }

}  // namespace sallyport::proxy
