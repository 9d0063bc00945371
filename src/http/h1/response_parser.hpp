// SPDX-License-Identifier: Apache-2.0
// Strict parser of the heads of upstreams' responses, interim ones included (RFC 9112 4 and 6.3; reference:
// reliability-security.md H1-18). Every error is the upstream's, and its connection is closed.
//
// Pure. The texts of the head are views of `bytes` or of the arena: the bytes must stay where they are until the
// exchange ends.

#pragma once

#include <cstddef>
#include <string_view>

#include "base/arena.hpp"
#include "base/result.hpp"
#include "http/limits.hpp"
#include "http/message.hpp"
#include "http/notes.hpp"

namespace sallyport::http::h1 {

// The size of the head at the start of `bytes`; 0 when more bytes are needed, and then `head` holds nothing of use.
// What it held before is gone.
//
// The answer to a HEAD and a 304 keep Content-Length as a field, since it is not their framing. Of a 101 `upgrade` is
// "websocket" or empty; whether it was asked for is the caller's to check.
Result<std::size_t> parse_response_head(std::string_view bytes, const Limits& limits, Method request_method,
                                        Arena& arena, ResponseHead& head, Notes& notes);

}  // namespace sallyport::http::h1
