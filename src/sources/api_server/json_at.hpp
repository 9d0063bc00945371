// SPDX-License-Identifier: Apache-2.0
// Fields of a JSON document that is read for a few of them, as far as they are there. Pure.

#pragma once

#include <string>
#include <string_view>

#include "kube/tree.hpp"

namespace sallyport::sources::api_server {

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

}  // namespace sallyport::sources::api_server
