// SPDX-License-Identifier: Apache-2.0
// YAML text to trees: many documents, anchors, aliases, merge keys; a key twice in a map is a mistake.

#pragma once

#include <expected>
#include <string_view>
#include <vector>

#include "kube/tree.hpp"

namespace sallyport::kube {

// Empty documents are left out. A mistake anywhere is a mistake of the whole text.
std::expected<std::vector<Tree>, Mistake> parse_yaml(std::string_view bytes);

}  // namespace sallyport::kube
