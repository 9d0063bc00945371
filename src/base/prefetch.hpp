// SPDX-License-Identifier: Apache-2.0
// Asks the processor for memory that will be needed soon. Never faults, and changes nothing.

#pragma once

#include <cstddef>
#include <cstdint>

namespace sallyport {

// `at` may be null, and the lines may go beyond the object: that is why this reckons with numbers.
inline void fetch_lines(const void* at, std::size_t lines) {
  constexpr std::size_t line = 64;
  const auto first = reinterpret_cast<std::uintptr_t>(at);
  for (std::size_t i = 0; i < lines; ++i) __builtin_prefetch(reinterpret_cast<const void*>(first + i * line));
}

}  // namespace sallyport
