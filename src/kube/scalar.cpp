// SPDX-License-Identifier: Apache-2.0

#include "kube/scalar.hpp"

#include <algorithm>
#include <cstddef>
#include <limits>

#include "base/number.hpp"

namespace sallyport::kube::scalar {
namespace {

// word, Word, WORD, but not woRd.
bool is_word(std::string_view text, std::string_view word) {
  if (text.size() != word.size() || text.empty()) return false;
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  if (!std::ranges::equal(text, word, {}, lower)) return false;
  const auto is_upper = [](char c) { return c >= 'A' && c <= 'Z'; };
  return std::ranges::none_of(text.substr(1), is_upper) || std::ranges::all_of(text, is_upper);
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::size_t digits_in(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::find_if_not(text, is_digit) - text.begin());
}

bool is_based_integer(std::string_view text) {
  if (text.size() < 3 || text[0] != '0') return false;
  const auto all = [&](std::string_view digits) { return text.find_first_not_of(digits, 2) == text.npos; };
  switch (text[1]) {
    case 'x':
    case 'X':
      return all("0123456789abcdefABCDEF_");
    case 'b':
    case 'B':
      return all("01_");
    case 'o':
    case 'O':
      return all("01234567_");
    default:
      return false;
  }
}

// 1, 1_000, 1.5, .5, 1., 1e3
bool is_decimal(std::string_view text) {
  if (!text.empty() && is_digit(text[0]) && text.find_first_not_of("0123456789_") == text.npos) return true;
  const std::size_t whole = digits_in(text);
  text.remove_prefix(whole);
  std::size_t fraction = 0;
  if (text.starts_with('.')) {
    fraction = digits_in(text.substr(1));
    text.remove_prefix(1 + fraction);
  }
  if (whole + fraction == 0) return false;
  if (text.empty()) return true;
  if (text[0] != 'e' && text[0] != 'E') return false;
  text.remove_prefix(1);
  if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
  return !text.empty() && digits_in(text) == text.size();
}

}  // namespace

bool is_null(std::string_view text) { return text.empty() || text == "~" || is_word(text, "null"); }

bool is_core_boolean(std::string_view text) { return is_word(text, "true") || is_word(text, "false"); }

std::optional<bool> boolean(std::string_view text) {
  for (const std::string_view word : {"true", "yes", "on", "y"}) {
    if (is_word(text, word)) return true;
  }
  for (const std::string_view word : {"false", "no", "off", "n"}) {
    if (is_word(text, word)) return false;
  }
  return std::nullopt;
}

bool is_number(std::string_view text) {
  if (text == ".nan" || text == ".NaN" || text == ".NAN") return true;
  if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
  if (text == ".inf" || text == ".Inf" || text == ".INF") return true;
  return is_based_integer(text) || is_decimal(text);
}

std::optional<std::uint64_t> whole_number(std::string_view text) {
  if (text.size() > 1 && text[0] == '0') return std::nullopt;
  return parse_decimal<std::uint64_t>(text);
}

std::optional<std::int64_t> signed_number(std::string_view text) {
  const bool negative = text.starts_with('-');
  const auto number = whole_number(negative ? text.substr(1) : text);
  if (!number || *number > std::uint64_t{std::numeric_limits<std::int64_t>::max()}) return std::nullopt;
  const auto value = static_cast<std::int64_t>(*number);
  return negative ? -value : value;
}

}  // namespace sallyport::kube::scalar
