// SPDX-License-Identifier: Apache-2.0
// The rules under one key, best first: a persistent list in chunks, so that a change to a long one copies a chunk and
// the way to it. Reading goes from chunk to chunk.
//
// Which rules end a chunk, and a chunk of chunks, their ids say (Rule::list_height): one in 32 does, and one in 32 of
// those. So the shape depends on what is in it alone. Any thread may read; changing and freeing belong to one
// (ref.hpp).

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "routing/ref.hpp"
#include "routing/rule.hpp"

namespace sallyport::routing {

class RuleList {
 public:
  bool empty() const { return root_ == nullptr; }
  // Of all its rules.
  PathShapes shapes() const { return root_ == nullptr ? PathShapes{0} : root_->shapes; }
  // Null unless it has exactly one.
  const Listed* only() const {
    return root_ != nullptr && root_->rules.size() == 1 ? root_->rules.data() : nullptr;  // a root is no chain
  }

  // The best, as many as lie together.
  std::span<const Listed> first() const;
  // Those that follow on `rule`, which need not be in it, as many as lie together; none when it is the last.
  std::span<const Listed> after(const Rule& rule) const;

  void add(const RuleRef& rule);
  // REQUIRES: it is there.
  void remove(const Rule& rule);

 private:
  struct Node;
  struct Below {
    Ref<Node> node;
    const Rule* last;  // of the node
  };
  // Level 0 has rules, the others nodes of the level below.
  struct Node : Counted {
    std::size_t bytes_beside() const { return rules.capacity() * sizeof(Listed) + below.capacity() * sizeof(Below); }
    bool is_empty() const { return rules.empty() && below.empty(); }
    const Rule& last() const { return below.empty() ? *rules.back().rule : *below.back().last; }

    std::uint8_t level = 0;
    PathShapes shapes = 0;
    std::vector<Listed> rules;
    std::vector<Below> below;
  };

  static Ref<Node> put(Ref<Node>& at, const RuleRef& rule);
  static std::size_t put_here(Node& node, const RuleRef& rule);
  static std::size_t put_below(Node& node, const RuleRef& rule);
  static Ref<Node> split(Node& node, std::size_t at);
  static void take_out(Ref<Node>& at, const Rule& rule);
  static void take_out_below(Node& node, const Rule& rule);
  static void join(Ref<Node>& at, const Node& next);
  static void settle(Node& node);

  Ref<Node> root_;
};

}  // namespace sallyport::routing
