// SPDX-License-Identifier: Apache-2.0
// The kinds that are read: one line each in kinds.cpp.

#pragma once

#include <span>
#include <string>
#include <string_view>

#include "kube/decode.hpp"
#include "kube/object.hpp"
#include "kube/tree.hpp"

namespace sallyport::kube {

struct Kind {
  std::string_view group;  // "" is the core group
  std::string_view version;
  std::string_view name;
  std::string_view plural;  // as an API server's paths name it: "ingresses"
  bool is_namespaced;
  // Everything but apiVersion, kind and metadata.
  void (*decode_body)(Decoder& decoder, const Node& document, Object& object);
};

std::span<const Kind> all_kinds();

// Null if no version of it is read.
const Kind* find_kind(std::string_view group, std::string_view name);

// "v1", "networking.k8s.io/v1".
std::string api_version(std::string_view group, std::string_view version);

}  // namespace sallyport::kube
