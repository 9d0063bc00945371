// SPDX-License-Identifier: Apache-2.0
// A persistent map from texts to values: a hash trie of 64-way nodes. A copy costs nothing and shares all; a change to
// one copies the few nodes on the way that others have too, and changes in place those that are its own.
//
// Its shape depends on what is in it alone, never on the edits that led there. Any thread may read; copying, changing
// and freeing belong to one thread (ref.hpp).

#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <utility>

#include "routing/ref.hpp"

namespace sallyport::routing {

template <class Value, class Hash = std::hash<std::string_view>>
class HashTrie {
 public:
  bool empty() const { return root_ == nullptr; }

  static std::uint64_t hash_of(std::string_view key) { return Hash()(key); }

  // Null when there is none.
  const Value* find(std::string_view key) const { return root_ == nullptr ? nullptr : find(key, hash_of(key)); }
  // With the key's hash, for whoever asks several.
  const Value* find(std::string_view key, std::uint64_t hash) const {
    const Node* node = root_.get();
    for (unsigned shift = 0; node != nullptr; shift += bits) {
      prefetch_node(node);
      const std::uint64_t bit = bit_of(hash, shift);
      if ((node->leaves & bit) != 0) {
        for (const Leaf* leaf = node->leaf(bit).get(); leaf != nullptr; leaf = leaf->next.get()) {
          prefetch_node(leaf);
          if (leaf->hash == hash && leaf->key() == key) return &leaf->value;
        }
        return nullptr;
      }
      node = (node->branches & bit) != 0 ? node->branch(bit).get() : nullptr;
    }
    return nullptr;
  }

  // For changing; a new one if there is none. Good until the next change or copy.
  Value& change(std::string_view key) {
    const std::uint64_t hash = hash_of(key);
    if (root_ == nullptr) root_ = make_node(0, 0);
    Ref<Node>* at = &root_;
    for (unsigned shift = 0;; shift += bits) {
      const std::uint64_t bit = bit_of(hash, shift);
      Node& node = **at;
      if ((node.leaves & bit) != 0 && node.leaf(bit)->hash != hash) {
        put_below(*at, bit, shift);
      } else if ((node.branches & bit) != 0) {
        remake(*at, node.leaves, node.branches);
      } else {
        remake(*at, node.leaves | bit, node.branches);
        return in_chain(&(*at)->leaf(bit), key, hash);
      }
      at = &(*at)->branch(bit);
    }
  }

  void set(std::string_view key, Value value) { change(key) = std::move(value); }

  void erase(std::string_view key) {
    if (find(key) == nullptr) return;
    const std::uint64_t hash = hash_of(key);
    std::array<Ref<Node>*, 64 / bits + 1> way{};
    unsigned depth = 0;
    way[0] = &root_;
    for (;; ++depth) {
      Ref<Node>& at = *way[depth];
      remake(at, at->leaves, at->branches);
      const std::uint64_t bit = bit_of(hash, depth * bits);
      if ((at->leaves & bit) != 0) break;
      way[depth + 1] = &at->branch(bit);
    }
    take_out(*way[depth], bit_of(hash, depth * bits), key);
    // A node with a single leaf stands for it.
    for (; depth != 0; --depth) {
      Node& node = **way[depth];
      if (node.branches != 0 || std::popcount(node.leaves) != 1) return;
      Ref<Leaf> last = std::move(node.leaf(node.leaves));
      Ref<Node>& above = *way[depth - 1];
      const std::uint64_t bit = bit_of(hash, (depth - 1) * bits);
      remake(above, above->leaves | bit, above->branches & ~bit);
      above->leaf(bit) = std::move(last);
    }
    if (root_->leaves == 0 && root_->branches == 0) root_ = nullptr;
  }

  // seen(key, value) for each, in no order that means anything.
  template <class Seen>
  void for_each(Seen seen) const {
    if (root_ != nullptr) walk(*root_, seen);
  }

 private:
  static constexpr unsigned bits = 6;

  // The key stands behind the object.
  struct Leaf : Counted {
    Leaf(std::uint64_t of, std::string_view text, Value with = {}, Ref<Leaf> before = {})
        : hash(of), size(static_cast<std::uint32_t>(text.size())), next(std::move(before)), value(std::move(with)) {
      std::ranges::copy(text, reinterpret_cast<char*>(this + 1));
    }
    Leaf(const Leaf&) = delete;
    Leaf& operator=(const Leaf&) = delete;

    std::string_view key() const { return {reinterpret_cast<const char*>(this + 1), size}; }
    std::size_t bytes_behind() const { return size; }

    std::uint64_t hash;
    std::uint32_t size;
    Ref<Leaf> next;  // with the same hash, all of it; by key
    Value value;
  };

  // One bit a place; behind the object stand the leaves and then the branches, each in the order of its bits.
  struct Node : Counted {
    Node(std::uint64_t with_leaves, std::uint64_t with_branches) : leaves(with_leaves), branches(with_branches) {
      std::uninitialized_default_construct_n(first_leaf(), std::popcount(leaves));
      std::uninitialized_default_construct_n(first_branch(), std::popcount(branches));
    }
    Node(const Node&) = delete;
    Node& operator=(const Node&) = delete;
    ~Node() {
      std::destroy_n(first_leaf(), std::popcount(leaves));
      std::destroy_n(first_branch(), std::popcount(branches));
    }

    static std::size_t room(std::uint64_t leaves, std::uint64_t branches) {
      return static_cast<std::size_t>(std::popcount(leaves) + std::popcount(branches)) * sizeof(Ref<Node>);
    }
    std::size_t bytes_behind() const { return room(leaves, branches); }

    static int below(std::uint64_t map, std::uint64_t bit) { return std::popcount(map & (bit - 1)); }
    Ref<Leaf>* first_leaf() const { return reinterpret_cast<Ref<Leaf>*>(const_cast<Node*>(this) + 1); }
    Ref<Node>* first_branch() const {
      return reinterpret_cast<Ref<Node>*>(const_cast<Node*>(this) + 1) + std::popcount(leaves);
    }
    Ref<Leaf>& leaf(std::uint64_t bit) const { return first_leaf()[below(leaves, bit)]; }
    Ref<Node>& branch(std::uint64_t bit) const { return first_branch()[below(branches, bit)]; }

    std::uint64_t leaves;
    std::uint64_t branches;
  };

  static std::uint64_t bit_of(std::uint64_t hash, unsigned shift) { return std::uint64_t{1} << (hash >> shift & 63U); }

  static Ref<Node> make_node(std::uint64_t leaves, std::uint64_t branches) {
    return make_counted_with<Node>(Node::room(leaves, branches), leaves, branches);
  }

  // Makes it a node of our own with these places. What it had there stays; new places are empty.
  static void remake(Ref<Node>& at, std::uint64_t leaves, std::uint64_t branches) {
    const bool only = at.is_only();
    if (only && at->leaves == leaves && at->branches == branches) return;
    const Ref<Node> made = make_node(leaves, branches);
    const auto take = [only](auto& to, auto& from) { to = only ? std::move(from) : from; };
    for (std::uint64_t left = leaves & at->leaves; left != 0; left &= left - 1) {
      const std::uint64_t bit = left & -left;
      take(made->leaf(bit), at->leaf(bit));
    }
    for (std::uint64_t left = branches & at->branches; left != 0; left &= left - 1) {
      const std::uint64_t bit = left & -left;
      take(made->branch(bit), at->branch(bit));
    }
    at = made;
  }

  static Leaf& own_leaf(Ref<Leaf>& leaf) {
    if (!leaf.is_only()) {
      leaf = make_counted_with<Leaf>(leaf->size, leaf->hash, leaf->key(), leaf->value, leaf->next);
    }
    return *leaf;
  }

  // The leaf at `bit` moves into a branch, to make room for one with another hash.
  static void put_below(Ref<Node>& at, std::uint64_t bit, unsigned shift) {
    Ref<Leaf> leaf = at->leaf(bit);
    remake(at, at->leaves & ~bit, at->branches | bit);
    const std::uint64_t bit_below = bit_of(leaf->hash, shift + bits);
    Ref<Node> below = make_node(bit_below, 0);
    below->leaf(bit_below) = std::move(leaf);
    at->branch(bit) = std::move(below);
  }

  // Of a chain that starts at `at`, all of whose nodes up to there become our own.
  static Value& in_chain(Ref<Leaf>* at, std::string_view key, std::uint64_t hash) {
    while (*at != nullptr && (*at)->key() < key) at = &own_leaf(*at).next;
    if (*at != nullptr && (*at)->key() == key) return own_leaf(*at).value;
    *at = make_counted_with<Leaf>(key.size(), hash, key, Value(), std::move(*at));
    return (*at)->value;
  }

  static void take_out(Ref<Node>& node, std::uint64_t bit, std::string_view key) {
    Ref<Leaf>* at = &node->leaf(bit);
    while ((*at)->key() != key) at = &own_leaf(*at).next;
    *at = Ref<Leaf>((*at)->next);
    if (node->leaf(bit) == nullptr) remake(node, node->leaves & ~bit, node->branches);
  }

  // Never deeper than the hash has bits for.
  template <class Seen>
  static void walk(const Node& node, Seen& seen) {
    for (int i = 0; i < std::popcount(node.leaves); ++i) {
      for (const Leaf* leaf = node.first_leaf()[i].get(); leaf != nullptr; leaf = leaf->next.get()) {
        seen(leaf->key(), leaf->value);
      }
    }
    for (int i = 0; i < std::popcount(node.branches); ++i) walk(*node.first_branch()[i], seen);
  }

  Ref<Node> root_;
};

}  // namespace sallyport::routing
