// SPDX-License-Identifier: Apache-2.0
#include "routing/path_tree.hpp"

#include <algorithm>

namespace sallyport::routing {
namespace {

constexpr auto better = [](const RulePtr& one, const RulePtr& other) { return one->model.rank < other->model.rank; };

}  // namespace

// No recursion: a path may have hundreds of thousands of elements.
PathTree::Node::~Node() {
  auto open = std::move(children);
  while (!open.empty()) {
    const auto node = std::move(open.back().second);
    open.pop_back();
    for (auto& entry : node->children) open.push_back(std::move(entry));
    node->children.clear();
  }
}

const PathTree::Node* PathTree::Node::child(std::string_view name) const {
  const auto at =
      std::ranges::lower_bound(children, name, {}, [](const auto& entry) -> std::string_view { return entry.first; });
  return at != children.end() && at->first == name ? at->second.get() : nullptr;
}

void PathTree::add(RulePtr rule) {
  falls_through_ = falls_through_ && rule->model.falls_through;
  const model::PathMatch& path = rule->model.path;
  if (path.kind == model::PathMatch::Kind::any) return any_.push_back(std::move(rule));
  Node* node = &root_;
  std::string_view rest = path.value;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('/', 1), rest.size());
    const std::string_view name = rest.substr(1, end - 1);
    const auto at = std::ranges::lower_bound(node->children, name, {},
                                             [](const auto& entry) -> std::string_view { return entry.first; });
    if (at != node->children.end() && at->first == name) {
      node = at->second.get();
    } else {
      node = node->children.emplace(at, std::string(name), std::make_unique<Node>())->second.get();
    }
    rest.remove_prefix(end);
  }
  (path.kind == model::PathMatch::Kind::exact ? node->exact : node->prefix).push_back(std::move(rule));
}

void PathTree::finish() {
  std::ranges::sort(any_, better);
  std::vector<Node*> open{&root_};  // no recursion here either
  while (!open.empty()) {
    Node& node = *open.back();
    open.pop_back();
    std::ranges::sort(node.exact, better);
    std::ranges::sort(node.prefix, better);
    for (const auto& [name, child] : node.children) open.push_back(child.get());
  }
}

}  // namespace sallyport::routing
