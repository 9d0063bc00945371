// SPDX-License-Identifier: Apache-2.0
// The handshake of a stream over a socket that is not TLS yet: what both sides have in common.

#pragma once

#include <expected>

#include "net/socket.hpp"
#include "net/task.hpp"
#include "net/tls/refusal.hpp"
#include "net/tls/stream.hpp"

namespace sallyport::net::tls {

// Until the handshake is done. The last of ours may be kept, to go out with the first that is said inside.
Task<std::expected<void, Refusal>> shake_hands(Socket& socket, Stream& stream, Time deadline);

// Of a wait that failed.
Refusal refusal_of(IoError error);

}  // namespace sallyport::net::tls
