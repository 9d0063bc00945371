// SPDX-License-Identifier: Apache-2.0
// Strict parser of request heads: bytes in, model out (RFC 9112; reference: reliability-security.md H1-1 to H1-15,
// H1-20).
//
// Pure. The texts of the head are views of `bytes` or of the arena: the bytes must stay where they are until the
// exchange ends. The verdict depends on nothing behind the first error, so a head cut anywhere gets the same one.

#pragma once

#include <cstddef>
#include <string_view>

#include "base/arena.hpp"
#include "base/result.hpp"
#include "http/limits.hpp"
#include "http/message.hpp"
#include "http/notes.hpp"

namespace sallyport::http::h1 {

// The size of the head at the start of `bytes`, its empty last line included; 0 when more bytes are needed, and then
// `head` holds nothing of use. What it held before is gone. One empty line before the head is allowed. After any error
// the connection is closed.
Result<std::size_t> parse_request_head(std::string_view bytes, const Limits& limits, const Conduct& conduct,
                                       Arena& arena, RequestHead& head, Notes& notes);

}  // namespace sallyport::http::h1
