// SPDX-License-Identifier: Apache-2.0
// The model compiled: all that a worker needs to serve. Immutable all the way down, so every worker reads it without
// locks; shares what did not change with the one before.

#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "filters/filter.hpp"
#include "model/parts.hpp"
#include "routing/rule.hpp"
#include "routing/table.hpp"

namespace sallyport::routing {

struct Listener {
  model::Listener model;
  filters::Chain chain;
  std::shared_ptr<const Table> table;  // shared by listeners whose rules are the same
};

struct Backend {
  model::Backend model;
  std::shared_ptr<const model::EndpointSet> endpoints;  // never null
};

struct Snapshot {
  std::uint64_t version = 0;
  std::vector<std::shared_ptr<const Listener>> listeners;  // by id
  std::vector<std::shared_ptr<const Backend>> backends;    // by slot; null where a slot is free

  // Null when there is none.
  const Listener* listener(std::string_view id) const {
    for (const auto& one : listeners) {
      if (one->model.id == id) return one.get();
    }
    return nullptr;
  }
};

using SnapshotPtr = std::shared_ptr<const Snapshot>;

}  // namespace sallyport::routing
