// SPDX-License-Identifier: Apache-2.0
// Any text as YAML and as JSON: trees keep their caps, and a tree written as JSON is the same tree when it is read, by
// either reader.

#include "kube/tree.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "kube/json.hpp"
#include "kube/yaml.hpp"
#include "require.hpp"
#include "text_parts.hpp"
#include "tree_json.hpp"

namespace {

using namespace sallyport;
using fuzz::require;
using kube::Node;

// Sizes and heights are what is below, and no key comes twice.
void check_caps(const Node& node, std::size_t depth) {
  require(depth <= kube::max_depth && node.height >= 1 && node.line >= 1);
  std::size_t size = 1;
  for (const Node::Entry& entry : node.entries) {
    require(entry.value != nullptr && entry.value->height < node.height && entry.key.size() <= kube::max_key_bytes);
    if (node.kind == Node::Kind::map)
      require(&entry == &*std::ranges::find(node.entries, entry.key, &Node::Entry::key));
    size += entry.value->size;
    check_caps(*entry.value, depth + 1);
  }
  require(node.size >= size && node.size <= kube::max_nodes);
}

bool same(const Node& one, const Node& other) {
  const bool scalar = one.kind == Node::Kind::plain || one.kind == Node::Kind::text;
  if (scalar) {
    // A plain word without a JSON form was written as a text.
    const bool kinds = one.kind == other.kind || (one.kind == Node::Kind::plain && !fuzz::is_plain_in_json(one));
    return kinds && one.text == other.text;
  }
  return one.kind == other.kind &&
         std::ranges::equal(one.entries, other.entries, [](const Node::Entry& left, const Node::Entry& right) {
           return left.key == right.key && same(*left.value, *right.value);
         });
}

void check_written(const Node& root) {
  constexpr std::size_t longest = 10'000;  // with aliases a short text can be a large tree
  if (root.entries.empty() || root.size > longest) return;
  bool alike = true;
  std::string json;
  fuzz::append_json(json, root, alike);
  const auto again = kube::parse_json(json);
  require(again.has_value() && again->size() == 1 && same(root, *again->front().root()));
  // Beyond ASCII they part: U+2028 is a line end in YAML 1.1, and some characters are nothing there but escaped.
  if (std::ranges::all_of(json, [](char c) { return c == '\n' || (c >= 0x20 && c < 0x7f); })) {
    const auto in_yaml = kube::parse_yaml(json);
    require(in_yaml.has_value() && in_yaml->size() == 1 && same(root, *in_yaml->front().root()));
  }
  if (!alike) return;
  kube::Digest one;
  kube::Digest other;
  kube::add_content(root, one);
  kube::add_content(*again->front().root(), other);
  require(one == other);
}

template <class Trees>
void check(const Trees& trees) {
  if (!trees) {
    require(!trees.error().message.empty());
    return;
  }
  for (const kube::Tree& tree : *trees) {
    require(tree.root() != nullptr);
    if (tree.root()->size < 100'000) check_caps(*tree.root(), 1);
    check_written(*tree.root());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::whole_text(data, size);
  check(kube::parse_json(text));
  check(kube::parse_yaml(text));
  return 0;
}
