// SPDX-License-Identifier: Apache-2.0
// Which Kubernetes object: the tuple, never a joined text (reference: reliability-security.md, law 11).

#pragma once

#include <compare>
#include <functional>
#include <string>
#include <string_view>

#include "base/text.hpp"

namespace sallyport {

struct ObjectRef {
  std::string group;  // "" is the core group, "networking.k8s.io" Ingress's
  std::string kind;
  std::string namespace_;  // "" for a cluster-wide kind
  std::string name;

  auto operator<=>(const ObjectRef&) const = default;
};

// For people only: "Ingress shop/web".
inline std::string to_text(const ObjectRef& ref) {
  return ref.namespace_.empty() ? text::cat(ref.kind, " ", ref.name)
                                : text::cat(ref.kind, " ", ref.namespace_, "/", ref.name);
}

}  // namespace sallyport

template <>
struct std::hash<sallyport::ObjectRef> {
  std::size_t operator()(const sallyport::ObjectRef& ref) const noexcept {
    std::size_t all = 0;
    for (const std::string* part : {&ref.group, &ref.kind, &ref.namespace_, &ref.name}) {
      all = all * 0x9E3779B97F4A7C15U + std::hash<std::string_view>()(*part);
    }
    return all;
  }
};
