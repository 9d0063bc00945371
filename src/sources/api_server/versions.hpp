// SPDX-License-Identifier: Apache-2.0
// Versions of objects (metadata.resourceVersion), which are texts to be kept and sent back. Pure.

#pragma once

#include <cstdint>
#include <string_view>

#include "base/number.hpp"

namespace sallyport::sources::api_server {

// Decimal versions grow, which Kubernetes promises since 1.35; others cannot be compared, and none of them is older.
inline bool is_older(std::string_view version, std::string_view than) {
  const auto one = parse_decimal<std::uint64_t>(version);
  const auto other = parse_decimal<std::uint64_t>(than);
  return one && other && *one < *other;
}

}  // namespace sallyport::sources::api_server
