// SPDX-License-Identifier: Apache-2.0
#include "proxy/pools.hpp"

namespace sallyport::proxy {

void Pools::adopt(const routing::Change& change) {
  forget(change.freed);
  for (const routing::Slot slot : change.backends) {
    const routing::Backend* const backend = change.snapshot->backend(slot);
    if (backend == nullptr) continue;
    if (slot >= by_slot_.size()) by_slot_.resize(slot + std::size_t{1});
    std::shared_ptr<Pool>& pool = by_slot_[slot];
    if (pool != nullptr && pool->id() != backend->model.id) forget({slot});
    if (pool == nullptr) {
      pool = make_(*backend);
      by_id_.emplace(pool->id(), pool.get());
    }
    pool->update(*backend->endpoints);
  }
}

void Pools::forget(const std::vector<routing::Slot>& freed) {
  for (const routing::Slot slot : freed) {
    if (at(slot) == nullptr) continue;
    by_id_.erase(by_slot_[slot]->id());
    by_slot_[slot] = nullptr;
  }
}

Pool* Pools::find(std::string_view id) const {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : found->second;
}

}  // namespace sallyport::proxy
