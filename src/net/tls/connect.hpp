// SPDX-License-Identifier: Apache-2.0
// The handshake with an upstream, on a connection that is there (reference: reliability-security.md T-6).

#pragma once

#include <expected>
#include <memory>

#include "net/socket.hpp"
#include "net/task.hpp"
#include "net/tls/client_context.hpp"
#include "net/tls/refusal.hpp"
#include "net/tls/stream.hpp"

namespace sallyport::net::tls {

// For Socket::start_tls(), or for another Socket with this one's descriptor; facts().alpn says what is spoken inside.
// Nothing of a request is sent before: after a refusal another endpoint may be tried. Any bytes that the upstream sends
// unasked inside are read as its first. The socket must not be TLS, and nobody else may use it meanwhile.
Task<std::expected<std::unique_ptr<Stream>, Refusal>> connect(Socket& socket,
                                                              std::shared_ptr<const ClientContext> context,
                                                              Time deadline);

}  // namespace sallyport::net::tls
