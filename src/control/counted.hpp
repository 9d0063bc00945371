// SPDX-License-Identifier: Apache-2.0
// The parts of one kind that are in the model, each for as long as somebody asks for it; and which of them are new,
// different or gone since they were asked last.
//
// Whoever asks for the same id means equal contents (an id is a key of them), but may have written it elsewhere: the
// one of the smallest origin counts, whoever came first.

#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

#include "control/parts.hpp"
#include "model/delta.hpp"

namespace sallyport::control {

template <class Part>
class Counted {
 public:
  using Pointer = std::shared_ptr<const Part>;

  // Gives the part that is held, equal to this one. Each acquire() has its release() of what it gave.
  Pointer acquire(Pointer part);
  void release(const Pointer& part);

  // Since it was called last, in the order of the ids.
  model::Changes<Part> take();

  ById<Part> all() const;
  std::size_t size() const { return entries_.size(); }

 private:
  struct Variant {
    Pointer part;
    std::uint32_t count = 0;
  };
  struct Entry {
    Variant first;                // the one that counts
    std::vector<Variant> others;  // mostly none
  };
  struct Touched {
    Pointer former;  // what counted before; null if nothing did
    Pointer any;     // holds the id
  };
  // The key lies in the part.
  using Entries = std::unordered_map<std::string_view, Entry>;

  static auto place(const Part& part) {
    const model::Origin& at = part.origin;
    return std::tie(at.object, at.file, at.line, at.field);
  }
  void touch(const Pointer& part, const Entry* entry);
  // Makes the smallest the first; the key moves with it.
  void choose(typename Entries::iterator at);

  Entries entries_;
  std::unordered_map<std::string_view, Touched> touched_;
};

template <class Part>
auto Counted<Part>::acquire(Pointer part) -> Pointer {
  const auto [at, fresh] = entries_.try_emplace(part->id);
  Entry& entry = at->second;
  touch(part, fresh ? nullptr : &entry);
  if (fresh) entry.first.part = part;
  const auto is_equal = [&](const Variant& variant) { return variant.part == part || *variant.part == *part; };
  Variant* mine = &entry.first;
  if (!is_equal(*mine)) {
    const auto other = std::ranges::find_if(entry.others, is_equal);
    mine = other != entry.others.end() ? &*other : &entry.others.emplace_back(part, 0U);
  }
  ++mine->count;
  Pointer held = mine->part;
  choose(at);
  return held;
}

template <class Part>
void Counted<Part>::release(const Pointer& part) {
  const auto at = entries_.find(part->id);
  Entry& entry = at->second;
  touch(part, &entry);
  if (entry.first.part == part) {
    if (--entry.first.count != 0) return;
    if (entry.others.empty()) {
      entries_.erase(at);
      return;
    }
  } else {
    const auto other = std::ranges::find(entry.others, part, &Variant::part);
    if (--other->count != 0) return;
    entry.others.erase(other);
    return;
  }
  choose(at);
}

template <class Part>
void Counted<Part>::choose(typename Entries::iterator at) {
  Entry& entry = at->second;
  if (entry.others.empty()) return;
  const auto least =
      std::ranges::min_element(entry.others, {}, [](const Variant& variant) { return place(*variant.part); });
  if (entry.first.count != 0 && !(place(*least->part) < place(*entry.first.part))) return;
  auto node = entries_.extract(at);
  Entry& moved = node.mapped();
  std::swap(moved.first, *least);
  node.key() = moved.first.part->id;
  std::erase_if(moved.others, [](const Variant& variant) { return variant.count == 0; });
  entries_.insert(std::move(node));
}

template <class Part>
void Counted<Part>::touch(const Pointer& part, const Entry* entry) {
  if (touched_.contains(part->id)) return;
  touched_.emplace(part->id, Touched{entry == nullptr ? nullptr : entry->first.part, part});
}

template <class Part>
model::Changes<Part> Counted<Part>::take() {
  model::Changes<Part> changes;
  for (const auto& [id, touched] : touched_) {
    const auto now = entries_.find(id);
    if (now == entries_.end()) {
      if (touched.former) changes.removed.push_back(touched.former->id);
      continue;
    }
    const Pointer& part = now->second.first.part;
    if (!touched.former || (touched.former != part && *touched.former != *part)) changes.changed.push_back(part);
  }
  touched_ = {};
  std::ranges::sort(changes.changed, {}, [](const Pointer& part) -> const model::Id& { return part->id; });
  std::ranges::sort(changes.removed);
  return changes;
}

template <class Part>
ById<Part> Counted<Part>::all() const {
  ById<Part> all;
  for (const auto& [id, entry] : entries_) all.emplace(id, entry.first.part);
  return all;
}

}  // namespace sallyport::control
