// SPDX-License-Identifier: Apache-2.0
// A parsed document as JSON text, for targets that read the same objects in both languages.

#pragma once

#include <string>

#include "base/json_writer.hpp"
#include "base/number.hpp"
#include "kube/tree.hpp"

namespace sallyport::fuzz {

// A plain scalar that JSON writes alike, and YAML reads alike: null, true, false, or a whole number without a zero
// before it.
inline bool is_plain_in_json(const kube::Node& node) {
  if (node.text == "null" || node.text == "true" || node.text == "false" || node.text == "0") return true;
  return node.text.size() < 18 && !node.text.starts_with('0') && parse_decimal<std::uint64_t>(node.text).has_value();
}

// `alike`: false as soon as something in it has no JSON form of its own type.
inline void append_json(std::string& out, const kube::Node& node, bool& alike) {
  using Kind = kube::Node::Kind;
  const bool plain = node.kind == Kind::plain && is_plain_in_json(node);
  if (node.kind == Kind::plain || node.kind == Kind::text) {
    const bool same_as_text = node.string().has_value() && !node.boolean();  // yes is true where that is asked for
    alike = alike && (plain || node.kind == Kind::text || same_as_text);
    if (plain) {
      out += node.text;
    } else {
      append_json_text(out, node.text);
    }
    return;
  }
  const bool map = node.kind == Kind::map;
  out += map ? '{' : '[';
  bool first = true;
  for (const kube::Node::Entry& entry : node.entries) {
    if (!first) out += ",\n";
    first = false;
    if (map) append_json_text(out, entry.key);
    if (map) out += ':';
    append_json(out, *entry.value, alike);
  }
  out += map ? '}' : ']';
}

}  // namespace sallyport::fuzz
