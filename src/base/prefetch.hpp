// SPDX-License-Identifier: Apache-2.0
// Asks the processor for memory that will be needed soon. Never faults, and changes nothing.

#pragma once

#include <cstddef>

namespace sallyport {

inline void fetch_lines(const void* at, std::size_t lines) {
  constexpr std::size_t line = 64;
  for (std::size_t i = 0; i < lines; ++i) __builtin_prefetch(static_cast<const char*>(at) + i * line);
}

}  // namespace sallyport
