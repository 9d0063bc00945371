// SPDX-License-Identifier: Apache-2.0
// The rules of one host by path: a tree of path elements. Looking a path up walks its elements once, whatever the
// number of rules. Built once; read by all workers.

#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "routing/rule.hpp"

namespace sallyport::routing {

using RulePtr = std::shared_ptr<const Rule>;
using Rules = std::vector<RulePtr>;  // best rank first

class PathTree {
 public:
  void add(RulePtr rule);
  // After the last add().
  void finish();

  // Calls found(const Rules&, prefix) for each list of rules whose path fits; prefix is the part of `path` that the
  // rules stand for. Every rule of a list fits.
  template <class Found>
  void find(std::string_view path, Found found) const {
    const Node* node = &root_;
    if (!any_.empty()) found(any_, std::string_view());
    std::size_t at = 0;  // path[at] is the '/' before the next element, or the end
    for (;;) {
      if (!node->prefix.empty()) found(node->prefix, path.substr(0, at));
      if (at == path.size()) {
        if (!node->exact.empty()) found(node->exact, path);
        return;
      }
      const std::size_t end = std::min(path.find('/', at + 1), path.size());
      node = node->child(path.substr(at + 1, end - at - 1));
      if (node == nullptr) return;
      at = end;
    }
  }

  // No rule of a wider host is asked when none of this one fits.
  bool falls_through() const { return falls_through_; }

 private:
  struct Node {
    std::vector<std::pair<std::string, std::unique_ptr<Node>>> children;  // by name, once finished
    Rules exact;
    Rules prefix;

    Node() = default;
    ~Node();
    const Node* child(std::string_view name) const;
  };

  Node root_;
  Rules any_;
  bool falls_through_ = true;
};

}  // namespace sallyport::routing
