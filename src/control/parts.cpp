// SPDX-License-Identifier: Apache-2.0
#include "control/parts.hpp"

#include <algorithm>

namespace sallyport::control {
namespace {

template <class Part>
bool equal(const ById<Part>& one, const ById<Part>& other) {
  return std::ranges::equal(one, other, [](const auto& left, const auto& right) {
    return left.first == right.first && *left.second == *right.second;
  });
}

}  // namespace

bool Parts::operator==(const Parts& other) const {
  return equal(listeners, other.listeners) && equal(endpoint_sets, other.endpoint_sets) &&
         equal(backends, other.backends) && equal(rules, other.rules) && equal(certificates, other.certificates) &&
         equal(server_names, other.server_names);
}

}  // namespace sallyport::control
