// SPDX-License-Identifier: Apache-2.0
// Characters and small lists of HTTP (RFC 9110 5.5 and 5.6): what is a token, what is a field value, ASCII case.
//
// Pure, allocation-free unless a std::string is returned, and independent of the locale.

#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace sallyport::syntax {

inline constexpr std::array<char, 256> lower_table = [] {
  std::array<char, 256> table{};
  for (int c = 0; c < 256; ++c) {
    const bool upper = c >= 'A' && c <= 'Z';
    table[static_cast<std::size_t>(c)] = static_cast<char>(upper ? c + ('a' - 'A') : c);
  }
  return table;
}();

// RFC 9110 5.6.2: tchar.
inline constexpr std::array<bool, 256> token_table = [] {
  std::array<bool, 256> table{};
  for (unsigned char c = '0'; c <= '9'; ++c) table[c] = true;
  for (unsigned char c = 'a'; c <= 'z'; ++c) table[c] = true;
  for (unsigned char c = 'A'; c <= 'Z'; ++c) table[c] = true;
  for (const char c : std::string_view("!#$%&'*+-.^_`|~")) table[static_cast<unsigned char>(c)] = true;
  return table;
}();

constexpr char lower(char c) { return lower_table[static_cast<unsigned char>(c)]; }
std::string lower(std::string_view text);

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

constexpr bool is_token_char(char c) { return token_table[static_cast<unsigned char>(c)]; }

constexpr bool is_token(std::string_view text) {
  for (const char c : text) {
    if (!is_token_char(c)) return false;
  }
  return !text.empty();
}

// No CTL but HTAB, so no NUL, CR, LF or DEL; bytes of 0x80 and above pass (obs-text). The empty value is one.
bool is_field_value(std::string_view text);

// Without the spaces and tabs at both ends.
constexpr std::string_view trim_ows(std::string_view text) {
  const auto is_ows = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && is_ows(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_ows(text.back())) text.remove_suffix(1);
  return text;
}

constexpr bool equals_ignore_case(std::string_view one, std::string_view other) {
  if (one.size() != other.size()) return false;
  for (std::size_t at = 0; at < one.size(); ++at) {
    if (lower(one[at]) != lower(other[at])) return false;
  }
  return true;
}

// Calls `each` with every item of a comma list, trimmed; empty items are skipped (RFC 9110 5.6.1.2). For lists of
// tokens: a comma inside a quoted string parts it too.
template <class F>
constexpr void for_each_list_item(std::string_view list, F each) {
  while (!list.empty()) {
    const auto comma = list.find(',');
    const std::string_view item = trim_ows(list.substr(0, comma));
    if (!item.empty()) each(item);
    if (comma == list.npos) return;
    list.remove_prefix(comma + 1);
  }
}

}  // namespace sallyport::syntax
