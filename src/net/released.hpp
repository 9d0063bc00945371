// SPDX-License-Identifier: Apache-2.0
// A live connection between two Sockets: how protocol detection and handshakes hand it on.

#pragma once

#include <memory>

#include "net/fd.hpp"
#include "net/socket.hpp"
#include "net/tls/stream.hpp"

namespace sallyport::net {

struct Socket::Released {
  Fd fd;
  std::unique_ptr<tls::Stream> stream;  // null: cleartext
};

}  // namespace sallyport::net
