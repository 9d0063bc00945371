// SPDX-License-Identifier: Apache-2.0
// A document whose secrets are a word that no input has: what is told of it has the word nowhere.

#pragma once

#include <algorithm>
#include <span>
#include <string>
#include <string_view>

#include "base/json_writer.hpp"
#include "kube/yaml.hpp"

namespace sallyport::fuzz {

// Base64 of 24 bytes of text.
inline constexpr std::string_view planted_secret = "cGxhbnRlZC1zZWNyZXQtb2YtMjQtYnl0";

// The node as JSON; with `is_secret`, and below each of the keys, every scalar is `planted`.
inline void append_planted(std::string& out, const kube::Node& node, std::span<const std::string_view> keys,
                           std::string_view planted, bool is_secret = false) {
  using Kind = kube::Node::Kind;
  if (node.kind == Kind::plain && !is_secret) {
    out += node.is_null() || node.text.empty() ? "null" : node.text;
    return;
  }
  if (node.kind == Kind::plain || node.kind == Kind::text)
    return append_json_text(out, is_secret ? planted : node.text);
  const bool is_map = node.kind == Kind::map;
  out += is_map ? '{' : '[';
  for (const kube::Node::Entry& entry : node.entries) {
    if (&entry != &node.entries.front()) out += ',';
    if (is_map) append_json_text(out, entry.key);
    if (is_map) out += ": ";
    append_planted(out, *entry.value, keys, planted, is_secret || std::ranges::find(keys, entry.key) != keys.end());
  }
  out += is_map ? '}' : ']';
}

// Calls with the text of the document that the bytes are, twice: its secrets are base64, and are not. Not at all where
// the bytes are no document, or a giant, or have the word themselves.
template <class Call>
void with_planted_secrets(std::string_view bytes, std::span<const std::string_view> keys, Call call) {
  if (bytes.contains(planted_secret.substr(0, 8))) return;
  const auto trees = kube::parse_yaml(bytes);
  if (!trees || trees->size() != 1 || trees->front().root()->size > 10'000) return;
  for (const std::string_view end : {"", "!"}) {
    std::string text;
    append_planted(text, *trees->front().root(), keys, std::string(planted_secret).append(end));
    call(std::string_view(text));
  }
}

// As it was written, and as what that means.
inline bool tells_planted(std::string_view message) {
  return message.contains(planted_secret) || message.contains("planted-secret");
}

}  // namespace sallyport::fuzz
