// SPDX-License-Identifier: Apache-2.0

#include "kube/tree.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <span>
#include <utility>

#include "base/text.hpp"
#include "kube/scalar.hpp"

namespace sallyport::kube {
namespace {

constexpr std::size_t smallest_block = 32;
constexpr std::size_t largest_block = 1024;

std::unexpected<Mistake> mistake(std::uint32_t line, std::string message) {
  return std::unexpected(Mistake{line, std::move(message)});
}

// What a text costs beyond its node, so that an alias of a long text is not cheap.
std::size_t cost_of(std::string_view text) { return text.size() / 64; }

// The entries of a map by key; those with equal keys in the map's order.
class ByKey {
 public:
  explicit ByKey(const Node& map) {
    if (map.entries.size() > few_.size()) many_.resize(map.entries.size());
    sorted_ = std::span(many_.empty() ? few_.data() : many_.data(), map.entries.size());
    std::ranges::transform(map.entries, sorted_.begin(), [](const Node::Entry& entry) { return &entry; });
    std::ranges::sort(sorted_, [](const Node::Entry* a, const Node::Entry* b) {
      const auto order = a->key <=> b->key;
      return order < 0 || (order == 0 && a < b);
    });
  }
  ByKey(const ByKey&) = delete;
  ByKey& operator=(const ByKey&) = delete;

  std::span<const Node::Entry* const> entries() const { return sorted_; }

 private:
  std::array<const Node::Entry*, 16> few_;  // most maps are small
  std::vector<const Node::Entry*> many_;
  std::span<const Node::Entry*> sorted_;
};

}  // namespace

bool Node::is_null() const { return kind == Kind::plain && scalar::is_null(text); }

std::string_view Node::type_name() const {
  if (kind == Kind::list) return "a list";
  if (kind == Kind::map) return "a map";
  if (is_null()) return "null";
  if (is_number()) return "a number";
  return kind == Kind::plain && scalar::is_core_boolean(text) ? "a boolean" : "a text";
}

const Node::Entry* Node::find(std::string_view key) const {
  if (kind != Kind::map) return nullptr;
  const auto found = std::ranges::find(entries, key, &Entry::key);
  return found == entries.end() || found->value->is_null() ? nullptr : &*found;
}

std::optional<bool> Node::boolean() const { return kind == Kind::plain ? scalar::boolean(text) : std::nullopt; }

std::optional<std::string_view> Node::string() const {
  if (kind == Kind::text) return text;
  if (kind != Kind::plain || is_null() || is_number() || scalar::is_core_boolean(text)) return std::nullopt;
  return text;
}

bool Node::is_number() const { return kind == Kind::plain && scalar::is_number(text); }

Tree::~Tree() {
  for (std::vector<Node>& block : blocks_) {
    for (Node& node : block) explicit_bzero(node.text.data(), node.text.size());
  }
}

Node& Tree::add() {
  if (blocks_.empty() || blocks_.back().size() == blocks_.back().capacity()) {
    const std::size_t size = blocks_.empty() ? smallest_block : 2 * blocks_.back().capacity();
    blocks_.emplace_back().reserve(std::min(size, largest_block));
  }
  return blocks_.back().emplace_back();
}

bool TreeBuilder::wants_key() const {
  return !open_.empty() && open_.back().node->kind == Node::Kind::map && !open_.back().has_key;
}

TreeBuilder::Step TreeBuilder::key(std::string name, std::uint32_t line, bool merge) {
  if (name.size() > max_key_bytes) return mistake(line, text::cat("a key longer than ", max_key_bytes, " bytes"));
  if (auto counted = count(cost_of(name), line); !counted) return counted;
  Open& map = open_.back();
  map.next = {.key = std::move(name), .line = line};
  map.has_key = true;
  map.merge = merge;
  return {};
}

TreeBuilder::Step TreeBuilder::count(std::size_t nodes, std::uint32_t line) {
  nodes_ += nodes;
  if (nodes_ <= max_nodes) return {};
  return mistake(line,
                 text::cat("more than ", max_nodes, " values in one file (an alias counts as what it stands for)"));
}

TreeBuilder::Step TreeBuilder::begin(Node::Kind list_or_map, std::uint32_t line) {
  if (open_.size() >= max_depth) return mistake(line, text::cat("nested deeper than ", max_depth, " levels"));
  if (auto counted = count(1, line); !counted) return counted;
  Node& node = tree_.add();
  node.kind = list_or_map;
  node.line = line;
  open_.push_back({.node = &node, .next = {}, .merged = {}});
  return {};
}

TreeBuilder::Step TreeBuilder::end() {
  Open done = std::move(open_.back());
  open_.pop_back();
  if (done.node->kind == Node::Kind::map) {
    if (auto unique = find_duplicate(*done.node); !unique) return unique;
    if (!done.merged.empty()) {
      if (auto merged = merge_into(done); !merged) return merged;
    }
  }
  return attach(done.node, done.node->line);
}

TreeBuilder::Step TreeBuilder::scalar(Node::Kind plain_or_text, std::string_view text, std::uint32_t line) {
  if (auto counted = count(1 + cost_of(text), line); !counted) return counted;
  Node& node = tree_.add();
  node.kind = plain_or_text;
  node.line = line;
  node.text = text;
  node.size = static_cast<std::uint32_t>(1 + cost_of(text));
  return attach(&node, line);
}

TreeBuilder::Step TreeBuilder::alias(const Node* node, std::uint32_t line) {
  if (open_.size() + node->height > max_depth) {
    return mistake(line, text::cat("nested deeper than ", max_depth, " levels"));
  }
  if (auto counted = count(node->size, line); !counted) return counted;
  return attach(node, line);
}

TreeBuilder::Step TreeBuilder::attach(const Node* node, std::uint32_t line) {
  last_ = node;
  if (open_.empty()) {
    tree_.root_ = node;
    return {};
  }
  Open& parent = open_.back();
  Node::Entry entry = std::exchange(parent.next, {});
  entry.value = node;
  if (parent.node->kind == Node::Kind::list) entry.line = line;
  parent.has_key = false;
  parent.node->size += node->size + static_cast<std::uint32_t>(cost_of(entry.key));
  parent.node->height = std::max<std::uint8_t>(parent.node->height, static_cast<std::uint8_t>(node->height + 1));
  (parent.merge ? parent.merged : parent.node->entries).push_back(std::move(entry));
  parent.merge = false;
  return {};
}

// The map's own entries win, then those of the earlier source.
TreeBuilder::Step TreeBuilder::merge_into(Open& map) {
  std::vector<Node::Entry>& entries = map.node->entries;
  const auto add_from = [&](const Node& source) {
    if (source.kind != Node::Kind::map) return false;
    entries.insert(entries.end(), source.entries.begin(), source.entries.end());
    return true;
  };
  for (const Node::Entry& merged : map.merged) {
    bool are_maps = true;
    if (merged.value->kind == Node::Kind::list) {
      for (const Node::Entry& source : merged.value->entries) are_maps = are_maps && add_from(*source.value);
    } else {
      are_maps = add_from(*merged.value);
    }
    if (!are_maps) return mistake(merged.line, "<< takes a map or a list of maps");
  }
  const ByKey by_key(*map.node);  // of equal keys the winner is first
  const auto order = by_key.entries();
  std::vector<Node::Entry> kept;
  for (std::size_t at = 0; at < order.size(); ++at) {
    if (at == 0 || order[at]->key != order[at - 1]->key) kept.push_back(*order[at]);
  }
  entries = std::move(kept);
  return {};
}

TreeBuilder::Step TreeBuilder::find_duplicate(const Node& map) {
  const ByKey by_key(map);
  const auto entries = by_key.entries();
  for (std::size_t at = 1; at < entries.size(); ++at) {
    const Node::Entry& entry = *entries[at];
    if (entry.key != entries[at - 1]->key) continue;
    return mistake(entry.line, text::cat("the key \"", entry.key.substr(0, 80), "\" is there already, in line ",
                                         entries[at - 1]->line));
  }
  return {};
}

Tree TreeBuilder::take() {
  last_ = nullptr;
  return std::exchange(tree_, Tree());
}

namespace {

void add_entry(const Node::Entry& entry, Digest& digest) {
  digest.add(entry.key);
  add_content(*entry.value, digest);
}

}  // namespace

void add_content_without(const Node& map, std::span<const std::string_view> keys, Digest& digest) {
  const ByKey by_key(map);
  for (const Node::Entry* entry : by_key.entries()) {
    if (std::ranges::find(keys, entry->key) == keys.end()) add_entry(*entry, digest);
  }
}

void add_content(const Node& node, Digest& digest) {
  switch (node.kind) {
    case Node::Kind::list:
      digest.add(std::uint64_t{1});
      for (const Node::Entry& entry : node.entries) add_content(*entry.value, digest);
      break;
    case Node::Kind::map:
      digest.add(std::uint64_t{2});
      add_content_without(node, {}, digest);
      break;
    case Node::Kind::plain:
    case Node::Kind::text:
      // shop and "shop" are one text, but yes and "yes" are not: the one may be a boolean.
      digest.add(std::uint64_t{node.string() && !node.boolean() ? 3U : 4U});
      digest.add(std::uint64_t{node.kind == Node::Kind::plain && (node.boolean() || !node.string()) ? 1U : 0U});
      digest.add(node.text);
      break;
  }
  digest.add(std::uint64_t{5});
}

}  // namespace sallyport::kube
