// SPDX-License-Identifier: Apache-2.0
// What both ports answer to who asks for no page of theirs: it says what there is. Answers of the gateway to clients
// are http/gateway_answer.hpp. No room in the arena: `overloaded`.

#pragma once

#include <string_view>

#include "base/arena.hpp"
#include "base/result.hpp"
#include "http/message.hpp"

namespace sallyport::admin {

// 404. `pages`: "/livez and /metrics".
Result<http::Response> no_such_page(Arena& arena, std::string_view pages);

// 405: pages are read by GET and HEAD (RFC 9110 15.5.6). The connection ends, whatever else the request has.
Result<http::Response> pages_are_read(Arena& arena);

}  // namespace sallyport::admin
