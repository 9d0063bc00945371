// SPDX-License-Identifier: Apache-2.0
// The one protocol that a connection may be switched to (RFC 6455 4; reference: reliability-security.md H1-12).

#pragma once

#include <string>
#include <string_view>

#include "http/message.hpp"

namespace sallyport::http {

// What the upstream must answer to a client's Sec-WebSocket-Key.
std::string websocket_accept(std::string_view key);

// This 101 answers that request: same protocol, and the right Sec-WebSocket-Accept.
bool accepts_upgrade(const RequestHead& request, const ResponseHead& response);

}  // namespace sallyport::http
