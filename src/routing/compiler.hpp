// SPDX-License-Identifier: Apache-2.0
// Model deltas in, snapshots out. The one owner of what has been compiled; belongs to one thread.

#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "model/delta.hpp"
#include "routing/snapshot.hpp"

namespace sallyport::routing {

class Compiler {
 public:
  // The next snapshot. Parts that a delta names but that are not there (an endpoint set, a backend) are served as
  // empty.
  SnapshotPtr apply(const model::Delta& delta);

 private:
  std::shared_ptr<const Rule> compile(const model::Rule& rule);
  Slot slot_of(const model::Id& backend);
  void rebuild_backends(Snapshot& next);
  void rebuild_listeners(Snapshot& next);

  std::map<model::Id, model::Listener> listeners_;
  std::map<model::Id, std::shared_ptr<const model::EndpointSet>> endpoint_sets_;
  std::map<model::Id, model::Backend> backends_;
  std::map<model::Id, std::shared_ptr<const Rule>> rules_;
  std::map<model::Id, Slot> slots_;  // of every backend that was ever named
  SnapshotPtr current_ = std::make_shared<Snapshot>();
};

}  // namespace sallyport::routing
