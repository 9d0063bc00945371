// SPDX-License-Identifier: Apache-2.0
// Fields of a JSON document that is read for a few of them, as far as they are there. Pure.

#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "kube/json.hpp"
#include "kube/tree.hpp"

namespace sallyport::sources::api_server {

// The document, or why there is none.
inline std::expected<kube::Tree, std::string> read_json(std::string_view text) {
  auto trees = kube::parse_json(text);
  if (!trees) return std::unexpected(std::move(trees.error().message));
  if (trees->empty()) return std::unexpected("not JSON: nothing is there");
  return std::move(trees->front());
}

// Null if there is no such field, or no map to have one.
inline const kube::Node* at(const kube::Node* node, std::string_view key) {
  const kube::Node::Entry* const entry = node == nullptr ? nullptr : node->find(key);
  return entry == nullptr ? nullptr : entry->value;
}

// Empty if there is no such field, or it is no text.
inline std::string text_at(const kube::Node* node, std::string_view key) {
  const kube::Node* const value = at(node, key);
  return std::string(value == nullptr ? "" : value->string().value_or(""));
}

// Empty if there is no such field, or it is no list.
inline const std::vector<kube::Node::Entry>& list_at(const kube::Node* node, std::string_view key) {
  static const std::vector<kube::Node::Entry> none;
  const kube::Node* const value = at(node, key);
  return value == nullptr || value->kind != kube::Node::Kind::list ? none : value->entries;
}

}  // namespace sallyport::sources::api_server
