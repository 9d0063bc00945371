// SPDX-License-Identifier: Apache-2.0
// Writes heads from the model and nothing else (reference: reliability-security.md law 1): field order and received
// spelling of names are kept, framing and connection fields come from the members. Fields of the model that speak of
// framing or of the hop are never written, so a second length cannot be expressed.
//
// Pure. The room is the caller's; nothing is allocated.

#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include "http/hop.hpp"
#include "http/message.hpp"

namespace sallyport::http::h1 {

// Enough room for the head, and rather more than it takes.
std::size_t room_for(const RequestHead& head, const Hop& hop);
std::size_t room_for(const ResponseHead& head, const Hop& hop, const Stamp& stamp);

// The bytes written: the whole head with its empty last line. Nothing when the room is too small, or (with room_for()
// bytes only then) when a member holds what cannot be written: a path without '/', a space in the query, a CR anywhere.
//
// A request is HTTP/1.1 with Host first, which is empty if no one set an authority. A response is HTTP/1.1 whatever the
// client speaks; one that ends with the connection says "close". Framing none writes no framing field, but a response's
// Content-Length field then stays (the answer to a HEAD, a 304).
std::optional<std::size_t> write_request_head(std::span<char> room, const RequestHead& head, const Hop& hop);
std::optional<std::size_t> write_response_head(std::span<char> room, const ResponseHead& head, const Hop& hop,
                                               const Stamp& stamp);

}  // namespace sallyport::http::h1
