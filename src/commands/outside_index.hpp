// SPDX-License-Identifier: Apache-2.0
// The rules that the index does not find: each is compared with every request that reaches its rank. Kept by deltas.

#pragma once

#include <algorithm>
#include <map>
#include <tuple>
#include <vector>

#include "model/delta.hpp"
#include "routing/rule.hpp"

namespace sallyport::commands {

class OutsideIndex {
 public:
  void apply(const model::Delta& delta) {
    for (const model::Id& id : delta.rules.removed) origins_.erase(id);
    for (const auto& rule : delta.rules.changed) {
      if (routing::is_indexed(*rule)) {
        origins_.erase(rule->id);
      } else {
        origins_.insert_or_assign(rule->id, rule->origin);
      }
    }
  }

  // By object, then by line.
  std::vector<model::Origin> origins() const {
    std::vector<model::Origin> all;
    for (const auto& [id, origin] : origins_) all.push_back(origin);
    std::ranges::sort(all, {}, [](const model::Origin& one) { return std::tie(one.object, one.line, one.field); });
    return all;
  }

 private:
  std::map<model::Id, model::Origin> origins_;
};

}  // namespace sallyport::commands
