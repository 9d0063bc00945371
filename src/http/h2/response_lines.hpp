// SPDX-License-Identifier: Apache-2.0
// The head of a response as the fields of an HTTP/2 block, from the model and nothing else (reference:
// reliability-security.md law 1, H1-19): framing is the frames' business, and what speaks of the hop is left out.
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
std::optional<std::span<const Line>> response_lines(Arena& arena, const ResponseHead& head, const Stamp& stamp);

// A name in lower case: itself, one that we know, or a copy in the arena; empty if that has no room.
std::string_view lower_name(Arena& arena, const Field& field);

// `number` in the arena; empty if that has no room.
std::string_view number_text(Arena& arena, std::uint64_t number);

}  // namespace sallyport::http::h2
