// SPDX-License-Identifier: Apache-2.0
#include "control/parts.hpp"

namespace sallyport::control {
namespace {

template <class Part>
model::Changes<Part> changes(const ById<Part>& from, const ById<Part>& to) {
  model::Changes<Part> all;
  for (const auto& [id, part] : to) {
    const auto former = from.find(id);
    if (former == from.end() || former->second != part) all.changed.push_back(part);
  }
  for (const auto& [id, part] : from) {
    if (!to.contains(id)) all.removed.push_back(id);
  }
  return all;
}

}  // namespace

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
