// SPDX-License-Identifier: Apache-2.0
// An input as several texts: its lines, so that a corpus can be written and read by hand.

#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/text.hpp"

namespace sallyport::fuzz {

inline std::string_view whole_text(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

// Without their ends; a last one that is empty does not count.
inline std::vector<std::string_view> lines_of(std::string_view text) {
  if (text.ends_with('\n')) text.remove_suffix(1);
  return text::split(text, '\n');
}

}  // namespace sallyport::fuzz
