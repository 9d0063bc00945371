// SPDX-License-Identifier: Apache-2.0
// The rules that the index does not find (model/indexed.hpp), for people.

#pragma once

#include <algorithm>
#include <memory>
#include <tuple>
#include <vector>

#include "model/parts.hpp"

namespace sallyport::commands {

// Where these rules come from: by object, then by line.
inline std::vector<model::Origin> origins_of(const std::vector<std::shared_ptr<const model::Rule>>& rules) {
  std::vector<model::Origin> all;
  all.reserve(rules.size());
  for (const auto& rule : rules) all.push_back(rule->origin);
  std::ranges::sort(all, {}, [](const model::Origin& one) { return std::tie(one.object, one.line, one.field); });
  return all;
}

}  // namespace sallyport::commands
