// SPDX-License-Identifier: Apache-2.0
// One worker's pools, by the slots of their backends: they outlive every snapshot that has the backend. A change
// touches only the pools of the backends that it names.

#pragma once

#include <functional>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "proxy/pool.hpp"
#include "routing/compiler.hpp"

namespace sallyport::proxy {

class Pools {
 public:
  using Make = std::function<std::shared_ptr<Pool>(const routing::Backend&)>;

  explicit Pools(Make make) : make_(std::move(make)) {}

  // A backend that the snapshot does not have any more keeps its pool, for requests under way, until its slot is free.
  void adopt(const routing::Change& change);
  // No request can be at them any more.
  void forget(const std::vector<routing::Slot>& freed);

  // Null when there is none.
  Pool* at(routing::Slot slot) const { return slot < by_slot_.size() ? by_slot_[slot].get() : nullptr; }
  Pool* find(std::string_view id) const;

  // report(Pool&) for each, once.
  template <class Report>
  void for_each(Report report) const {
    for (const auto& [id, pool] : by_id_) report(*pool);
  }

 private:
  Make make_;
  std::vector<std::shared_ptr<Pool>> by_slot_;
  std::unordered_map<std::string_view, Pool*> by_id_;  // the keys are the pools' own
};

}  // namespace sallyport::proxy
