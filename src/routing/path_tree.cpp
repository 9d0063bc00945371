// SPDX-License-Identifier: Apache-2.0
#include "routing/path_tree.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace sallyport::routing {

PathTree::Node::Node(std::string_view with_label, std::size_t with_branches)
    : label_size(static_cast<std::uint32_t>(with_label.size())),
      branch_count(static_cast<std::uint16_t>(with_branches)) {
  std::ranges::copy(with_label, texts() + branch_count);
  std::uninitialized_default_construct_n(branches(), branch_count);
}

void PathTree::Node::put(const RuleRef& rule) {
  shapes |= rule->traits.shape;
  if (!has_rules()) {
    one = Listed(rule);
    return;
  }
  if (one.rule != nullptr) many.add(one.rule);
  one = {};
  many.add(rule);
}

void PathTree::Node::take_out(const Rule& rule) {
  if (many.empty()) {
    one = {};
    shapes = 0;
    return;
  }
  many.remove(rule);
  shapes = many.shapes();
  if (many.only() == nullptr) return;
  one = *many.only();
  many = {};
}

Ref<PathTree::Node> PathTree::make_node(std::string_view label, std::size_t branches) {
  return make_counted_with<Node>(Node::room(label.size(), branches), label, branches);
}

// A node of our own with this label, with a branch more, yet empty, or a branch less.
Ref<PathTree::Node> PathTree::remade(const Ref<Node>& from, std::string_view label, std::optional<char> with,
                                     std::optional<char> without) {
  const std::size_t count = std::size_t{from->branch_count} + (with ? 1 : 0) - (without ? 1 : 0);
  Ref<Node> made = make_node(label, count);
  const bool only = from.is_only();
  made->one = only ? std::move(from->one) : from->one;
  made->many = only ? std::move(from->many) : from->many;
  made->shapes = from->shapes;
  char* to = made->texts();
  Ref<Node>* branch = made->branches();
  const auto put = [&](char first, Ref<Node> below) {
    *to++ = first;
    *branch++ = std::move(below);
  };
  for (std::size_t i = 0; i < from->branch_count; ++i) {
    const char first = from->texts()[i];
    if (without == first) continue;
    if (with && static_cast<unsigned char>(*with) < static_cast<unsigned char>(first)) {
      put(*with, nullptr);
      with.reset();
    }
    Ref<Node>& below = from->branches()[i];
    put(first, only ? std::move(below) : below);
  }
  if (with) put(*with, nullptr);
  return made;
}

void PathTree::own_node(Ref<Node>& node) {
  if (!node.is_only()) node = remade(node, node->label());
}

// The way on from a node, which becomes our own.
Ref<PathTree::Node>* PathTree::branch_for(Ref<Node>& at, char first) {
  if (at->firsts().find(first) == std::string_view::npos) {
    at = remade(at, at->label(), first);
  } else {
    own_node(at);
  }
  return &at->branches()[at->firsts().find(first)];
}

// The label's end goes into a node below.
void PathTree::split(Ref<Node>& at, std::size_t size) {
  const std::string_view label = at->label();
  Ref<Node> above = make_node(label.substr(0, size), 1);
  above->texts()[0] = label[size];
  above->branches()[0] = remade(at, label.substr(size));
  at = std::move(above);
}

// A node without rules and with one branch becomes one with it.
void PathTree::merge(Ref<Node>& at) {
  Ref<Node> below = at.is_only() ? std::move(at->branches()[0]) : at->branches()[0];
  const std::string label = std::string(at->label()).append(below->label());
  at = remade(below, label);
}

void PathTree::add(std::string_view key, const RuleRef& rule) {
  Ref<Node>* at = &root_;
  for (;;) {
    if (*at == nullptr) *at = make_node(key, 0);
    const std::string_view label = (*at)->label();
    const auto shared = static_cast<std::size_t>(std::ranges::mismatch(label, key).in1 - label.begin());
    if (shared < label.size()) split(*at, shared);
    key.remove_prefix(shared);
    if (key.empty()) break;
    at = branch_for(*at, key.front());
  }
  own_node(*at);
  (*at)->put(rule);
}

void PathTree::remove(std::string_view key, const Rule& rule) {
  Ref<Node>* above = nullptr;
  Ref<Node>* at = &root_;
  for (;;) {
    own_node(*at);
    key.remove_prefix((*at)->label_size);
    if (key.empty()) break;
    above = at;
    at = branch_for(*at, key.front());
  }
  (*at)->take_out(rule);
  if ((*at)->has_rules()) return;
  if ((*at)->branch_count == 1) return merge(*at);
  if ((*at)->branch_count != 0) return;
  if (above == nullptr) {
    root_ = nullptr;
    return;
  }
  const char first = (*at)->label().front();
  *above = remade(*above, (*above)->label(), std::nullopt, first);
  if (!(*above)->has_rules() && (*above)->branch_count == 1) merge(*above);
}

}  // namespace sallyport::routing
