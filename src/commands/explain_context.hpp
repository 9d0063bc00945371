// SPDX-License-Identifier: Apache-2.0
// What an explanation by the snapshot alone cannot know: rules that lost before there was a snapshot, rules of the host
// that were not asked, and whether an older version of an object is in force. Pure.

#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "model/parts.hpp"

namespace sallyport::commands {

struct ExplainContext {
  using Rules = std::vector<std::shared_ptr<const model::Rule>>;

  Rules shadowed;          // for the very same requests as the rule that serves; the first in rank order
  Rules nearby;            // where no path fits: rules of this host, the most alike first
  bool last_good = false;  // the rule is of an older version of its object; the newest one has a fault
};

inline constexpr std::size_t most_nearby = 5;

// Calls its argument with every rule in force.
using EachRule = std::function<void(const std::function<void(const std::shared_ptr<const model::Rule>&)>&)>;

// The rules of this host, or of a wildcard above it, of which none fits `path`.
ExplainContext::Rules nearby_rules(const EachRule& each, std::string_view host, std::string_view path);

}  // namespace sallyport::commands
