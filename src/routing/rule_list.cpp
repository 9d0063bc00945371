// SPDX-License-Identifier: Apache-2.0
#include "routing/rule_list.hpp"

#include <algorithm>
#include <utility>

namespace sallyport::routing {
namespace {

// A node of this level has nothing behind this rule.
bool ends_node(const Rule& rule, std::uint8_t level) { return rule.list_height > level; }

constexpr auto rule_of = [](const Listed& one) -> const Rule& { return *one.rule; };
constexpr auto last_of = [](const auto& below) -> const Rule& { return *below.last; };

template <class All>
auto place(const All& all, const auto& found) {
  return static_cast<std::size_t>(found - all.begin());
}

}  // namespace

std::span<const Listed> RuleList::first() const {
  const Node* node = root_.get();
  while (node != nullptr && node->level != 0) node = node->below.front().node.get();
  return node == nullptr ? std::span<const Listed>() : node->rules;
}

std::span<const Listed> RuleList::after(const Rule& rule) const {
  const Node* node = root_.get();
  while (node != nullptr && node->level != 0) {
    const auto next = std::ranges::upper_bound(node->below, rule, {}, last_of);
    node = next == node->below.end() ? nullptr : next->node.get();
  }
  if (node == nullptr) return {};
  const auto next = std::ranges::upper_bound(node->rules, rule, {}, rule_of);
  return std::span(node->rules).subspan(place(node->rules, next));
}

void RuleList::add(const RuleRef& rule) {
  if (root_ == nullptr) root_ = make_counted<Node>();
  Ref<Node> second = put(root_, rule);
  while (second != nullptr) {
    Ref<Node> above = make_counted<Node>();
    above->level = static_cast<std::uint8_t>(root_->level + 1);
    recounted(*above, [&](Node& node) {
      node.below = {Below{root_, &root_->last()}, Below{second, &second->last()}};
      settle(node);
    });
    root_ = std::move(above);
    second = ends_node(*root_->below.front().last, root_->level) ? split(*root_, 1) : nullptr;
  }
}

// What the node has to give to one behind it; null when it may keep all.
Ref<RuleList::Node> RuleList::put(Ref<Node>& at, const RuleRef& rule) {
  Node& node = own(at);
  std::size_t cut = 0;
  recounted(node, [&](Node& one) {
    cut = one.level == 0 ? put_here(one, rule) : put_below(one, rule);
    settle(one);
  });
  return cut == 0 ? nullptr : split(node, cut);
}

// Where the node has to be split; 0: nowhere.
std::size_t RuleList::put_here(Node& node, const RuleRef& rule) {
  const auto at = std::ranges::upper_bound(node.rules, *rule, {}, rule_of);
  const std::size_t here = place(node.rules, at);
  node.rules.insert(at, Listed(rule));
  if (here != 0 && ends_node(*node.rules[here - 1].rule, 0)) return here;
  return ends_node(*rule, 0) && here + 1 != node.rules.size() ? here + 1 : 0;
}

std::size_t RuleList::put_below(Node& node, const RuleRef& rule) {
  const auto at = std::ranges::upper_bound(node.below, *rule, {}, last_of);
  const std::size_t here = std::min(place(node.below, at), node.below.size() - 1);
  Ref<Node> second = put(node.below[here].node, rule);
  node.below[here].last = &node.below[here].node->last();
  if (second == nullptr) return 0;
  const Rule* const last = &second->last();
  node.below.insert(node.below.begin() + static_cast<std::ptrdiff_t>(here + 1), Below{std::move(second), last});
  return ends_node(*node.below[here].last, node.level) ? here + 1 : 0;
}

Ref<RuleList::Node> RuleList::split(Node& node, std::size_t at) {
  Ref<Node> made = make_counted<Node>();
  made->level = node.level;
  const auto move_tail = [at](auto& from, auto& to) {
    if (from.empty()) return;
    const auto begin = from.begin() + static_cast<std::ptrdiff_t>(at);
    to.assign(std::make_move_iterator(begin), std::make_move_iterator(from.end()));
    from.erase(begin, from.end());
  };
  recounted(node, [&](Node& one) {
    recounted(*made, [&](Node& other) {
      move_tail(one.rules, other.rules);
      move_tail(one.below, other.below);
      settle(other);
    });
    settle(one);
  });
  return made;
}

void RuleList::remove(const Rule& rule) {
  take_out(root_, rule);
  while (root_->below.size() == 1) root_ = Ref<Node>(root_->below.front().node);
  if (root_->is_empty()) root_ = nullptr;
}

void RuleList::take_out(Ref<Node>& at, const Rule& rule) {
  recounted(own(at), [&](Node& node) {
    if (node.level == 0) {
      node.rules.erase(std::ranges::lower_bound(node.rules, rule, {}, rule_of));
    } else {
      take_out_below(node, rule);
    }
    settle(node);
  });
}

// A node whose end does not end it any more takes in the next one.
void RuleList::take_out_below(Node& node, const Rule& rule) {
  const auto here = std::ranges::lower_bound(node.below, rule, {}, last_of);
  take_out(here->node, rule);
  if (here->node->is_empty()) {
    node.below.erase(here);
    return;
  }
  here->last = &here->node->last();
  const auto next = here + 1;
  if (next == node.below.end() || ends_node(*here->last, here->node->level)) return;
  join(here->node, *next->node);
  here->last = next->last;
  node.below.erase(next);
}

void RuleList::join(Ref<Node>& at, const Node& next) {
  recounted(own(at), [&](Node& node) {
    auto from = next.below.begin();
    if (node.level != 0 && !ends_node(*node.below.back().last, static_cast<std::uint8_t>(node.level - 1))) {
      join(node.below.back().node, *from->node);
      node.below.back().last = from->last;
      ++from;
    }
    node.below.insert(node.below.end(), from, next.below.end());
    node.rules.insert(node.rules.end(), next.rules.begin(), next.rules.end());
    settle(node);
  });
}

// What follows from its content. Its bytes too: they depend on no history.
void RuleList::settle(Node& node) {
  node.shapes = 0;
  for (const Listed& one : node.rules) node.shapes |= one.traits.shape;
  for (const Below& one : node.below) node.shapes |= one.node->shapes;
  node.rules.shrink_to_fit();
  node.below.shrink_to_fit();
}

}  // namespace sallyport::routing
