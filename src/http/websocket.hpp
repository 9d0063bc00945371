// SPDX-License-Identifier: Apache-2.0
// The one protocol that a connection may be switched to (RFC 6455 4; reference: reliability-security.md H1-12, W-1).
//
// In the model such a request is a GET with upgrade "websocket" and a Sec-WebSocket-Key, and its answer a 101 with the
// Sec-WebSocket-Accept that belongs to it, whatever the peers speak. HTTP/2 has neither key nor 101 (RFC 8441 5): the
// functions below make the one of the other, on the client's side and on the upstream's.

#pragma once

#include <string>
#include <string_view>

#include "base/arena.hpp"
#include "http/message.hpp"

namespace sallyport::http {

inline constexpr std::string_view websocket = "websocket";  // the token of Upgrade and of :protocol

// What the upstream must answer to a client's Sec-WebSocket-Key.
std::string websocket_accept(std::string_view key);

// This 101 answers that request: same protocol, and the right Sec-WebSocket-Accept.
bool accepts_upgrade(const RequestHead& request, const ResponseHead& response);

// Client's side, HTTP/2. Makes the model's request of an extended CONNECT that names websocket: with a key of our own.
// False: the arena has no room for it.
[[nodiscard]] bool from_extended_connect(RequestHead& request, Arena& arena);
// And of the model's 101 the 200 that the client understands.
void to_extended_connect_answer(ResponseHead& response);

// Upstream's side, HTTP/2. The request goes out with method CONNECT, :protocol and without this field.
inline bool is_left_out_of_extended_connect(syntax::HeaderId id) { return id == syntax::HeaderId::sec_websocket_key; }
// Makes the model's 101 of the upstream's 2xx to that request; leaves every other answer as it is. False: the arena has
// no room for it.
[[nodiscard]] bool from_extended_connect_answer(const RequestHead& request, ResponseHead& response, Arena& arena);

}  // namespace sallyport::http
