// SPDX-License-Identifier: Apache-2.0
// Rules by the text that their paths begin with: a persistent compressed tree of bytes. A look-up walks the path once,
// whatever the number of rules; a change copies the nodes on one path that others have too.
//
// A node has rules, or it branches: nothing is left of what is removed, so the shape depends on the rules alone.
// Nothing here needs more stack for a longer path. Any thread may read; changing and freeing belong to one (ref.hpp).

#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "routing/ref.hpp"
#include "routing/rule.hpp"
#include "routing/rule_list.hpp"

namespace sallyport::routing {

class PathTree {
 public:
  bool empty() const { return root_ == nullptr; }

  void add(std::string_view key, const RuleRef& rule);
  // REQUIRES: it was added under this key.
  void remove(std::string_view key, const Rule& rule);

  // Calls found(rules, list, size) for each list of rules, best first, whose key is the first `size` bytes of `path`,
  // if one of them may fit; the longest comes last. `rules` are the first, and list.after() gives those behind them.
  // With FoldCase keys are in lower case, and the path is read so.
  template <bool FoldCase, class Found>
  void find(std::string_view path, Found found) const {
    std::size_t at = 0;
    for (const Node* node = root_.get(); node != nullptr;) {
      prefetch_node(node);
      const std::string_view label = node->label();
      if (path.size() - at < label.size() || !is_same<FoldCase>(path.data() + at, label)) return;
      at += label.size();
      if (may_fit(node->shapes, path, at)) found(node->first_rules(), node->many, at);
      if (at == path.size()) return;
      node = node->branch(read<FoldCase>(path[at]));
    }
  }

  // A rule for this path shape, whose key is the first `size` bytes of `path`, fits as far as the tree knows.
  static bool may_fit(PathShapes shapes, std::string_view path, std::size_t size) {
    if ((shapes & PathShape::bytes) != 0 || size == path.size()) return true;
    return (shapes & PathShape::elements) != 0 && (path[size] == '/' || size == 0);
  }

 private:
  // Behind the object stand the first bytes of its branches, in order, its label, and the branches.
  struct Node : Counted {
    Node(std::string_view with_label, std::size_t with_branches);
    Node(const Node&) = delete;
    Node& operator=(const Node&) = delete;
    ~Node() { std::destroy_n(branches(), branch_count); }

    static std::size_t room(std::size_t label, std::size_t branches) {
      return padded(label + branches) + branches * sizeof(Ref<Node>);
    }
    static std::size_t padded(std::size_t size) { return (size + alignof(Ref<Node>) - 1) & ~(alignof(Ref<Node>) - 1); }
    std::size_t bytes_behind() const { return room(label_size, branch_count); }

    char* texts() const { return reinterpret_cast<char*>(const_cast<Node*>(this) + 1); }
    std::string_view firsts() const { return {texts(), branch_count}; }
    std::string_view label() const { return {texts() + branch_count, label_size}; }
    Ref<Node>* branches() const { return reinterpret_cast<Ref<Node>*>(texts() + padded(branch_count + label_size)); }
    const Node* branch(char first) const {
      const void* const found = std::memchr(texts(), first, branch_count);
      return found == nullptr ? nullptr : branches()[static_cast<const char*>(found) - texts()].get();
    }

    bool has_rules() const { return one.rule != nullptr || !many.empty(); }
    std::span<const Listed> first_rules() const {
      if (!many.empty()) return many.first();
      return {&one, one.rule != nullptr ? std::size_t{1} : 0};
    }
    void put(const RuleRef& rule);
    void take_out(const Rule& rule);

    Listed one;
    RuleList many;  // instead of one
    std::uint32_t label_size;
    std::uint16_t branch_count;
    PathShapes shapes = 0;  // of its rules
  };

  template <bool FoldCase>
  static char read(char c) {
    return FoldCase && c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  }
  template <bool FoldCase>
  static bool is_same(const char* text, std::string_view label) {
    if constexpr (!FoldCase) {
      return std::memcmp(text, label.data(), label.size()) == 0;
    } else {
      for (const char c : label) {
        if (read<true>(*text++) != c) return false;
      }
      return true;
    }
  }

  static Ref<Node> make_node(std::string_view label, std::size_t branches);
  static Ref<Node> remade(const Ref<Node>& from, std::string_view label, std::optional<char> with = {},
                          std::optional<char> without = {});
  static void own_node(Ref<Node>& node);
  static Ref<Node>* branch_for(Ref<Node>& at, char first);
  static void split(Ref<Node>& at, std::size_t size);
  static void merge(Ref<Node>& at);

  Ref<Node> root_;
};

}  // namespace sallyport::routing
