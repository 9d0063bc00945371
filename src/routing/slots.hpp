// SPDX-License-Identifier: Apache-2.0
// A persistent vector of parts by slot: a tree of 32-way nodes, no deeper than its greatest slot needs. A copy costs
// nothing and shares all; a change copies the nodes on the way to one slot.
//
// Any thread may read; copying, changing and freeing belong to one thread (ref.hpp).

#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>
#include <variant>

#include "routing/ref.hpp"
#include "routing/slot.hpp"

namespace sallyport::routing {

template <class T>
class Slots {
 public:
  // Null where a slot is free.
  const T* get(Slot slot) const {
    if (root_ == nullptr || !reaches(slot)) return nullptr;
    const Node* node = root_.get();
    for (unsigned level = level_; level != 0; --level) {
      node = (*std::get_if<Branches>(&node->below))[place(slot, level)].get();
      if (node == nullptr) return nullptr;
    }
    return (*std::get_if<Parts>(&node->below))[place(slot, 0)].get();
  }

  void set(Slot slot, Ref<T> part) {
    if (root_ == nullptr) root_ = make_counted<Node>(Parts());
    while (!reaches(slot)) grow();
    leaf_of(slot)[place(slot, 0)] = std::move(part);
  }

  // For changing, in place if nobody else has it. REQUIRES: there is one.
  T& change(Slot slot) { return own(leaf_of(slot)[place(slot, 0)]); }

  void erase(Slot slot) {
    if (get(slot) == nullptr) return;
    leaf_of(slot)[place(slot, 0)] = nullptr;
    prune(slot);
  }

  // In order of slots.
  template <class Seen>
  void for_each(Seen seen) const {
    if (root_ != nullptr) walk(*root_, seen);
  }

 private:
  static constexpr unsigned bits = 5;
  static constexpr unsigned most_levels = 7;
  struct Node;
  using Parts = std::array<Ref<T>, 1U << bits>;
  using Branches = std::array<Ref<Node>, 1U << bits>;

  struct Node : Counted {
    explicit Node(Parts parts) : below(std::move(parts)) {}
    explicit Node(Branches branches) : below(std::move(branches)) {}

    bool is_empty() const {
      return std::visit([](const auto& all) { return std::ranges::all_of(all, [](auto& one) { return !one; }); },
                        below);
    }

    std::variant<Parts, Branches> below;
  };

  static std::size_t place(Slot slot, unsigned level) { return slot >> level * bits & ((1U << bits) - 1); }
  bool reaches(Slot slot) const { return level_ + 1 == most_levels || slot >> (level_ + 1) * bits == 0; }

  void grow() {
    Branches branches;
    if (!root_->is_empty()) branches[0] = std::move(root_);
    root_ = make_counted<Node>(std::move(branches));
    ++level_;
  }

  // Every node on the way becomes our own.
  Parts& leaf_of(Slot slot) {
    Node* node = &own(root_);
    for (unsigned level = level_; level != 0; --level) {
      Ref<Node>& next = (*std::get_if<Branches>(&node->below))[place(slot, level)];
      if (next == nullptr) next = level == 1 ? make_counted<Node>(Parts()) : make_counted<Node>(Branches());
      node = &own(next);
    }
    return *std::get_if<Parts>(&node->below);
  }

  // Nodes without parts go, and levels that nobody needs any more.
  void prune(Slot slot) {
    std::array<Ref<Node>*, most_levels> way{};
    way[level_] = &root_;
    for (unsigned level = level_; level != 0; --level) {
      way[level - 1] = &(*std::get_if<Branches>(&(*way[level])->below))[place(slot, level)];
    }
    for (unsigned level = 0; level <= level_ && (*way[level])->is_empty(); ++level) *way[level] = nullptr;
    while (level_ != 0 && root_ != nullptr) {
      const Branches& all = *std::get_if<Branches>(&root_->below);
      if (!std::all_of(all.begin() + 1, all.end(), [](const auto& one) { return one == nullptr; })) return;
      root_ = Ref<Node>(all[0]);
      --level_;
    }
    if (root_ == nullptr) level_ = 0;
  }

  template <class Seen>
  static void walk(const Node& node, Seen& seen) {
    if (const auto* const parts = std::get_if<Parts>(&node.below)) {
      for (const auto& part : *parts) {
        if (part != nullptr) seen(std::as_const(*part));
      }
      return;
    }
    for (const auto& branch : *std::get_if<Branches>(&node.below)) {
      if (branch != nullptr) walk(*branch, seen);
    }
  }

  Ref<Node> root_;
  unsigned level_ = 0;  // of the root; 0 is the lowest
};

}  // namespace sallyport::routing
