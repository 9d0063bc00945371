// SPDX-License-Identifier: Apache-2.0
// The one family of integer parsers: the whole text must be digits (no sign, space, prefix), and overflow is no value.

#pragma once

#include <charconv>
#include <concepts>
#include <optional>
#include <string_view>

namespace sallyport {

template <std::unsigned_integral Number>
std::optional<Number> parse_digits(std::string_view text, int base) {
  if (text.empty()) return std::nullopt;
  Number number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

template <std::unsigned_integral Number>
std::optional<Number> parse_decimal(std::string_view text) {
  return parse_digits<Number>(text, 10);
}

template <std::unsigned_integral Number>
std::optional<Number> parse_hex(std::string_view text) {
  return parse_digits<Number>(text, 16);
}

}  // namespace sallyport
