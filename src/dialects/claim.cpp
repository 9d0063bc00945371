// SPDX-License-Identifier: Apache-2.0
#include "dialects/claim.hpp"

#include <type_traits>

namespace sallyport::dialects {

bool same_effect(const ClaimValue& one, const ClaimValue& other) {
  const auto* const name = std::get_if<std::shared_ptr<const model::ServerName>>(&one);
  const auto* const other_name = std::get_if<std::shared_ptr<const model::ServerName>>(&other);
  return name != nullptr && other_name != nullptr && model::same_effect(**name, **other_name);
}

bool equal(const ClaimValue& one, const ClaimValue& other) {
  const auto same = [](const auto& left, const auto& right) {
    if constexpr (std::is_same_v<decltype(left), decltype(right)>) return left == right || *left == *right;
    return false;
  };
  return std::visit(same, one, other);
}

}  // namespace sallyport::dialects
