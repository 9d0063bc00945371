// SPDX-License-Identifier: Apache-2.0
#include "base/printable.hpp"

#include <cstddef>
#include <cstdint>

namespace sallyport::text {
namespace {

std::uint8_t octet(char c) { return static_cast<std::uint8_t>(c); }

// Of the character that the text begins with, as its first byte says; 0: none begins so.
std::size_t size_by_lead(std::uint8_t lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead <= 0xdf) return 2;
  if (lead >= 0xe0 && lead <= 0xef) return 3;
  return lead >= 0xf0 && lead <= 0xf4 ? 4 : 0;
}

// Of the character that the text begins with, if it may be shown; else 0.
std::size_t shown_size(std::string_view text) {
  const std::uint8_t lead = octet(text.front());
  const std::size_t size = size_by_lead(lead);
  if (size == 0 || size > text.size()) return 0;
  if (size == 1) return lead < 0x20 || lead == 0x7f ? 0 : 1;
  for (const char c : text.substr(1, size - 1)) {
    if ((octet(c) & 0xc0U) != 0x80) return 0;
  }
  const bool is_control = lead == 0xc2 && octet(text[1]) < 0xa0;
  return is_control ? 0 : size;
}

}  // namespace

std::string printable(std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const std::size_t size = shown_size(text);
    if (size == 0) {
      const std::uint8_t byte = octet(text.front());
      out += {'\\', 'x', digits[byte >> 4U], digits[byte & 0xfU]};
    } else {
      out += text.substr(0, size);
    }
    text.remove_prefix(size == 0 ? 1 : size);
  }
  return out;
}

}  // namespace sallyport::text
