// SPDX-License-Identifier: Apache-2.0
// What fuzz targets assert with: it stays in release builds, unlike assert().

#pragma once

#include <cstdlib>
#include <functional>
#include <string_view>

namespace sallyport::fuzz {

inline void require(bool holds) {
  if (!holds) std::abort();
}

// Whether `part` lies wholly in the `size` bytes from `begin`.
inline bool is_inside(std::string_view part, const char* begin, std::size_t size) {
  const std::less_equal<const char*> not_after;
  return not_after(begin, part.data()) && not_after(part.data() + part.size(), begin + size);
}

}  // namespace sallyport::fuzz
