// SPDX-License-Identifier: Apache-2.0
// What a client's connection has only while it serves a request; an idle one holds none of it.

#pragma once

#include <optional>

#include "base/arena.hpp"
#include "http/h1/inbox.hpp"
#include "http/h1/request_body.hpp"
#include "http/incoming.hpp"
#include "http/notes.hpp"

namespace sallyport::http::h1 {

struct Scratch {
  Arena arena;
  Notes notes;
  std::optional<Inbox> inbox;
  std::optional<Incoming> incoming;
  std::optional<RequestBody> body;

  // The request is over.
  void clear() {
    body.reset();
    incoming.reset();
    arena.clear();
  }
};

// What an exchange is charged for having it. The arena charges what it takes beyond its first block.
inline constexpr std::size_t scratch_cost = sizeof(Scratch) + Arena::block_size;

}  // namespace sallyport::http::h1
