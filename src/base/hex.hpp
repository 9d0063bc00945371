// SPDX-License-Identifier: Apache-2.0
// Bytes as hex digits.

#pragma once

#include <span>
#include <string>
#include <string_view>

namespace sallyport {

// Two digits a byte, in lower case.
inline std::string hex(std::span<const unsigned char> bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string all;
  all.reserve(2 * bytes.size());
  for (const unsigned char byte : bytes) {
    all += digits[byte >> 4U];
    all += digits[byte & 15U];
  }
  return all;
}

}  // namespace sallyport
