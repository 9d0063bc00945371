// SPDX-License-Identifier: Apache-2.0
#include "routing/retired.hpp"

namespace sallyport::routing {

SnapshotPtr Retired::share(std::unique_ptr<const Snapshot> snapshot) {
  ++alive_;
  {
    // So that letting go never needs memory.
    const std::lock_guard lock(mutex_);
    snapshots_.reserve(alive_);
  }
  return {snapshot.release(), [home = shared_from_this()](const Snapshot* dropped) { home->put(dropped); }};
}

// One word is enough for all that are put before it is heard.
void Retired::put(const Snapshot* snapshot) {
  bool is_first = false;
  {
    const std::lock_guard lock(mutex_);
    is_first = snapshots_.empty();
    snapshots_.push_back(snapshot);
  }
  if (!is_first) return;
  const std::lock_guard lock(telling_);
  if (on_retired_) on_retired_();
}

void Retired::free_all() {
  std::vector<const Snapshot*> freed;
  {
    const std::lock_guard lock(mutex_);
    freed.swap(snapshots_);
    alive_ -= freed.size();
    snapshots_.reserve(alive_);
  }
  for (const Snapshot* const one : freed) delete one;
}

void Retired::set_silent() {
  const std::lock_guard lock(telling_);
  on_retired_ = nullptr;
}

}  // namespace sallyport::routing
