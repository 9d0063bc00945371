// SPDX-License-Identifier: Apache-2.0
#include "dialects/claim.hpp"

namespace sallyport::dialects {

bool Claim::operator==(const Claim& other) const {
  const auto equal = [](const auto& one, const auto& of_other) {
    if constexpr (std::is_same_v<decltype(one), decltype(of_other)>) return one == of_other || *one == *of_other;
    return false;
  };
  return group == other.group && std::visit(equal, value, other.value);
}

}  // namespace sallyport::dialects
