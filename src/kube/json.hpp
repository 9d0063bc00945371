// SPDX-License-Identifier: Apache-2.0
// JSON text (one value) to a tree; a key twice in an object is a mistake.

#pragma once

#include <expected>
#include <string_view>
#include <vector>

#include "kube/tree.hpp"

namespace sallyport::kube {

// One tree; none if there is nothing but white space.
std::expected<std::vector<Tree>, Mistake> parse_json(std::string_view bytes);

}  // namespace sallyport::kube
