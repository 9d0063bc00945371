// SPDX-License-Identifier: Apache-2.0
// Numbers for parts that workers keep something of: a part has the same slot in every snapshot that knows its id, and
// nobody else gets the slot before the last of these snapshots is gone.

#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "routing/ref.hpp"

namespace sallyport::routing {

// Which listener, table or backend of a snapshot.
using Slot = std::uint32_t;

class SlotPool;

// A slot in use. Whatever of a snapshot names the slot has a reference to this; its end gives the slot back.
class SlotHold : public Counted {
 public:
  SlotHold(std::shared_ptr<SlotPool> of, std::string for_id);
  SlotHold(const SlotHold&) = delete;
  SlotHold& operator=(const SlotHold&) = delete;
  ~SlotHold();

  Slot slot() const { return slot_; }
  const std::string& id() const { return id_; }

 private:
  std::shared_ptr<SlotPool> pool_;
  std::string id_;
  Slot slot_;
};

using SlotRef = Ref<const SlotHold>;

// The slots of one kind of part: the smallest free one for each new id. Belongs to the compiler's thread; lives as long
// as anybody has a slot of it.
class SlotPool : public std::enable_shared_from_this<SlotPool> {
 public:
  // The slot of `id`: the one that it has while somebody holds it, or a free one.
  SlotRef hold(std::string_view id);
  // Null when nobody holds one.
  const SlotHold* find(std::string_view id) const;
  // Given back since the last call, and free.
  std::vector<Slot> take_freed() { return std::exchange(freed_, {}); }

 private:
  friend class SlotHold;

  Slot take();
  void give_back(const SlotHold& hold);

  std::unordered_map<std::string_view, const SlotHold*> holds_;  // by their own texts
  std::set<Slot> free_;
  std::vector<Slot> freed_;
  Slot end_ = 0;
};

}  // namespace sallyport::routing
