// SPDX-License-Identifier: Apache-2.0
#include "dialects/claim.hpp"

#include <type_traits>

namespace sallyport::dialects {

bool equal(const ClaimValue& one, const ClaimValue& other) {
  const auto same = [](const auto& left, const auto& right) {
    if constexpr (std::is_same_v<decltype(left), decltype(right)>) return left == right || *left == *right;
    return false;
  };
  return std::visit(same, one, other);
}

}  // namespace sallyport::dialects
