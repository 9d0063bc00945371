// SPDX-License-Identifier: Apache-2.0
#include "control/parts.hpp"

#include <algorithm>

namespace sallyport::control {
namespace {

// Sending a part again only because it moved to another line would make workers adopt what they have.
template <class Part>
bool means_the_same(const Part& one, const Part& other) {
  if (one.origin.line == other.origin.line) return one == other;
  Part moved = one;
  moved.origin.line = other.origin.line;
  return moved == other;
}

template <class Part>
model::Changes<Part> changes(const ById<Part>& from, const ById<Part>& to) {
  model::Changes<Part> all;
  for (const auto& [id, part] : to) {
    const auto former = from.find(id);
    if (former == from.end() || !means_the_same(*former->second, *part)) all.changed.push_back(part);
  }
  for (const auto& [id, part] : from) {
    if (!to.contains(id)) all.removed.push_back(id);
  }
  return all;
}

template <class Part>
bool equal(const ById<Part>& one, const ById<Part>& other) {
  return std::ranges::equal(one, other, [](const auto& left, const auto& right) {
    return left.first == right.first && *left.second == *right.second;
  });
}

}  // namespace

bool Parts::operator==(const Parts& other) const {
  return equal(listeners, other.listeners) && equal(endpoint_sets, other.endpoint_sets) &&
         equal(backends, other.backends) && equal(rules, other.rules);
}

model::Delta difference(const Parts& from, const Parts& to) {
  return {
      .version = 0,
      .listeners = changes(from.listeners, to.listeners),
      .endpoint_sets = changes(from.endpoint_sets, to.endpoint_sets),
      .backends = changes(from.backends, to.backends),
      .rules = changes(from.rules, to.rules),
  };
}

}  // namespace sallyport::control
