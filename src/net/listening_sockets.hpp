// SPDX-License-Identifier: Apache-2.0
// Opens listening sockets: one for each (address, port, worker slot), so that the kernel spreads connections over
// workers and no two of them share a queue. Workers get the descriptors by message.

#pragma once

#include <vector>

#include "base/result.hpp"
#include "net/fd.hpp"
#include "syntax/address.hpp"

namespace sallyport::net {

// One socket for each worker slot, in order, and where they really are bound (port 0 asks for a free one).
struct ListeningSockets {
  std::vector<Fd> by_slot;
  syntax::SocketAddress bound;
};

// The error says what helps: a port taken, or no privilege for it. Also refuses an address that another process shares
// by SO_REUSEPORT, to which the kernel would silently give a part of the connections.
Result<ListeningSockets> open_listening_sockets(const syntax::SocketAddress& address, std::size_t slots);

}  // namespace sallyport::net
