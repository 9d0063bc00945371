// SPDX-License-Identifier: Apache-2.0
// A request as the fields of an HTTP/2 block, from the model and nothing else (reference: reliability-security.md
// law 1; RFC 9113 8.2, 8.3.1; RFC 8441 4): pseudo fields first, and nothing that speaks of a connection.
//
// Pure. Texts are those of the head, or of the arena.

#pragma once

#include <optional>
#include <span>

#include "base/arena.hpp"
#include "http/h2/session.hpp"
#include "http/hop.hpp"
#include "http/message.hpp"

namespace sallyport::http::h2 {

// Nothing: the arena has no room, or a member holds what cannot be written.
std::optional<std::span<const Line>> request_lines(Arena& arena, const RequestHead& head, const Hop& hop, bool is_tls);

}  // namespace sallyport::http::h2
