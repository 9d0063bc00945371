// SPDX-License-Identifier: Apache-2.0
// What one worker serves from: a snapshot, and its own pools for the snapshot's backends.

#pragma once

#include <memory>
#include <vector>

#include "proxy/pool.hpp"
#include "routing/snapshot.hpp"

namespace sallyport::proxy {

struct Serving {
  routing::SnapshotPtr snapshot;
  std::vector<std::shared_ptr<Pool>> pools;  // by slot; null where the snapshot has none

  // Null when there is none.
  Pool* pool(routing::Slot slot) const { return slot < pools.size() ? pools[slot].get() : nullptr; }
};

}  // namespace sallyport::proxy
