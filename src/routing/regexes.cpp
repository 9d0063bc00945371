// SPDX-License-Identifier: Apache-2.0
#include "routing/regexes.hpp"

#include <algorithm>
#include <utility>

namespace sallyport::routing {

SharedRegex Regexes::get(std::string_view pattern, bool ignore_case) {
  std::string key(1, ignore_case ? 'i' : ' ');
  key += pattern;
  if (const auto known = all_.find(key); known != all_.end()) {
    if (SharedRegex regex = known->second.lock()) return regex;
  }
  auto compiled = syntax::Regex::compile(pattern, ignore_case);
  if (!compiled) return nullptr;
  auto made = std::make_shared<const syntax::Regex>(*std::move(compiled));
  if (all_.size() >= sweep_at_) {
    std::erase_if(all_, [](const auto& entry) { return entry.second.expired(); });
    sweep_at_ = std::max(least_swept, 2 * all_.size());
  }
  all_.insert_or_assign(std::move(key), made);
  return made;
}

}  // namespace sallyport::routing
