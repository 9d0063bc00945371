// SPDX-License-Identifier: Apache-2.0
// Snapshots that nobody holds any more. Any thread may let go of the last hold, which costs it an entry in a list and,
// for the first on it, telling the compiler's thread; what the snapshot was made of is freed there.

#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "routing/snapshot.hpp"

namespace sallyport::routing {

class Retired : public std::enable_shared_from_this<Retired> {
 public:
  explicit Retired(std::function<void()> on_retired) : on_retired_(std::move(on_retired)) {}
  Retired(const Retired&) = delete;
  Retired& operator=(const Retired&) = delete;
  // Snapshots that outlive their compiler are freed with the last of them.
  ~Retired() { free_all(); }

  SnapshotPtr share(std::unique_ptr<const Snapshot> snapshot);
  void free_all();
  // Nobody is told any more once this returns.
  void set_silent();
  // Shared and not freed yet.
  std::size_t alive() const { return alive_; }

 private:
  void put(const Snapshot* snapshot);

  std::mutex telling_;  // held for the call; the list is not locked meanwhile
  std::function<void()> on_retired_;
  std::mutex mutex_;
  std::vector<const Snapshot*> snapshots_;
  std::size_t alive_ = 0;  // of the compiler's thread
};

}  // namespace sallyport::routing
