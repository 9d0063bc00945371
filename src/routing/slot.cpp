// SPDX-License-Identifier: Apache-2.0
#include "routing/slot.hpp"

namespace sallyport::routing {

SlotHold::SlotHold(std::shared_ptr<SlotPool> of, std::string for_id)
    : pool_(std::move(of)), id_(std::move(for_id)), slot_(pool_->take()) {}

SlotHold::~SlotHold() { pool_->give_back(*this); }

SlotRef SlotPool::hold(std::string_view id) {
  if (const SlotHold* const known = find(id)) return SlotRef(known);
  SlotRef made = make_counted<const SlotHold>(shared_from_this(), std::string(id));
  holds_.emplace(made->id(), made.get());
  return made;
}

const SlotHold* SlotPool::find(std::string_view id) const {
  const auto at = holds_.find(id);
  return at == holds_.end() ? nullptr : at->second;
}

Slot SlotPool::take() {
  if (free_.empty()) return end_++;
  const Slot slot = free_.extract(free_.begin()).value();
  std::erase(freed_, slot);  // nobody was told of it
  return slot;
}

void SlotPool::give_back(const SlotHold& hold) {
  holds_.erase(hold.id());
  free_.insert(hold.slot());
  freed_.push_back(hold.slot());
}

}  // namespace sallyport::routing
