// SPDX-License-Identifier: Apache-2.0
// A body that fails when it is longer than whoever asked for it can use.

#pragma once

#include <cstddef>

#include "base/arena.hpp"
#include "http/body.hpp"

namespace sallyport::proxy {

// Of the same arena. Null when that has no room left.
ArenaPtr<http::Body> cap(ArenaPtr<http::Body> body, Arena& arena, std::size_t most);

}  // namespace sallyport::proxy
