// SPDX-License-Identifier: Apache-2.0
// Connected pairs of non-blocking descriptors: real sockets of this machine.

#pragma once

#include "net/fd.hpp"
#include "syntax/address.hpp"

namespace sallyport::support {

struct Pair {
  net::Fd one;
  net::Fd other;
};

// `type` is SOCK_STREAM, or SOCK_SEQPACKET where each send has to be told from the next.
Pair local_pair(int type);

// Over TCP on 127.0.0.1: `one` was accepted, `other` connected.
Pair tcp_pair();

// A TCP listener on 127.0.0.1, and where it is.
struct Listener {
  net::Fd fd;
  syntax::SocketAddress address;
};
Listener tcp_listener(int backlog);

// A client's connection to it, blocking until it is there; then non-blocking.
net::Fd connect_to(const syntax::SocketAddress& address);

// An address of 127.0.0.1 that nobody listens on.
syntax::SocketAddress unused_address();

void set_small_buffers(const net::Fd& fd);

}  // namespace sallyport::support
