// SPDX-License-Identifier: Apache-2.0
// Whose word about a client is believed.

#pragma once

#include <algorithm>
#include <vector>

#include "syntax/address.hpp"

namespace sallyport::filters {

inline bool is_trusted(const std::vector<syntax::Cidr>& trusted, const syntax::IpAddress& peer) {
  return std::ranges::any_of(trusted, [&](const syntax::Cidr& block) { return block.contains(peer); });
}

}  // namespace sallyport::filters
