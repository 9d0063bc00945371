// SPDX-License-Identifier: Apache-2.0

#include "syntax/host.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "base/number.hpp"
#include "syntax/address.hpp"
#include "syntax/token.hpp"

namespace sallyport::syntax {
namespace {

constexpr std::size_t longest_authority = 255;
constexpr std::size_t longest_hostname = 253;
constexpr std::size_t longest_label = 63;

constexpr auto plain_name_table = [] {
  std::array<bool, 256> table{};
  for (const char c : std::string_view("abcdefghijklmnopqrstuvwxyz0123456789-_."))
    table[static_cast<unsigned char>(c)] = true;
  return table;
}();

// In lower case, its labels not empty, and its end no digit: most names are found to be so in one pass.
bool is_plainly_canonical(std::string_view text) {
  bool after_dot = true;
  for (const char c : text) {
    const bool is_dot = c == '.';
    if (!plain_name_table[static_cast<unsigned char>(c)] || (is_dot && after_dot)) return false;
    after_dot = is_dot;
  }
  return !after_dot && !is_digit(text.back());
}

Failure refused(std::string why) { return fail(Code::bad_request, "H1-9", std::move(why)); }

bool is_lower_alphanumeric(char c) { return (c >= 'a' && c <= 'z') || is_digit(c); }

bool is_name_char(char c) { return is_lower_alphanumeric(lower(c)) || c == '-' || c == '_' || c == '.'; }

Result<std::uint16_t> port_of(std::string_view digits) {
  constexpr std::size_t most_digits = 5;
  const auto port = parse_decimal<std::uint16_t>(digits);
  if (!port || *port == 0 || digits.size() > most_digits) return refused("the port of the host is not 1 to 65535");
  return *port;
}

// `text` if it is what was written, and otherwise a copy of `canonical` in room.
Result<std::string_view> kept_or_copied(std::string_view text, std::string_view canonical, std::span<char> room) {
  if (text == canonical) return text;
  if (room.size() < canonical.size()) return fail(Code::internal, "H1-9", "no room for the canonical host");
  std::ranges::copy(canonical, room.begin());
  return std::string_view(room.data(), canonical.size());
}

// `text` has its brackets.
Result<std::string_view> canonical_ipv6(std::string_view text, std::span<char> room) {
  const auto bytes = parse_ipv6(text.substr(1, text.size() - 2));
  if (!bytes) return refused("the host is not an IPv6 address in its brackets");
  std::array<char, IpAddress::text_size + 2> written{};
  const std::size_t size =
      write_ipv6(*bytes, std::span<char, IpAddress::text_size>(written.data() + 1, IpAddress::text_size));
  written[0] = '[';
  written[size + 1] = ']';
  return kept_or_copied(text, std::string_view(written.data(), size + 2), room);
}

Result<std::string_view> canonical_name(std::string_view text, std::span<char> room) {
  if (text.ends_with('.')) text.remove_suffix(1);
  if (text.empty()) return refused("the host is empty");
  if (is_plainly_canonical(text)) return text;
  if (!std::ranges::all_of(text, is_name_char)) return refused("the host has a character that names do not have");
  if (text.starts_with('.') || text.ends_with('.') || text.find("..") != text.npos) {
    return refused("the host has an empty label");
  }
  const auto dot = text.rfind('.');
  const std::string_view last_label = dot == text.npos ? text : text.substr(dot + 1);
  if (std::ranges::all_of(last_label, is_digit) && !IpAddress::parse(text)) {
    return refused("the host ends in a number but is not an IPv4 address");
  }
  if (std::ranges::all_of(text, [](char c) { return c == lower(c); })) return text;
  if (room.size() < text.size()) return fail(Code::internal, "H1-9", "no room for the canonical host");
  std::ranges::transform(text, room.begin(), [](char c) { return lower(c); });
  return std::string_view(room.data(), text.size());
}

}  // namespace

Result<Authority> canonical_authority(std::string_view text, std::span<char> room) {
  if (text.empty()) return refused("the host is empty");
  if (text.size() > longest_authority) return refused("the host is longer than 255 bytes");

  const bool bracketed = text.starts_with('[');
  const auto bracket = bracketed ? text.find(']') : 0;
  if (bracket == text.npos) return refused("the host has no closing bracket");
  const std::size_t host_size = bracketed ? bracket + 1 : std::min(text.find(':'), text.size());
  const std::string_view behind = text.substr(host_size);

  Authority authority;
  if (!behind.empty()) {
    if (behind[0] != ':') return refused("something other than a port follows the address in brackets");
    auto port = port_of(behind.substr(1));
    if (!port) return fail(std::move(port.error()));
    authority.port = *port;
  }
  const std::string_view host = text.substr(0, host_size);
  auto canonical = bracketed ? canonical_ipv6(host, room) : canonical_name(host, room);
  if (!canonical) return fail(std::move(canonical.error()));
  authority.host = *canonical;
  return authority;
}

bool is_dns_label(std::string_view text) {
  if (text.empty() || text.size() > longest_label) return false;
  if (!is_lower_alphanumeric(text.front()) || !is_lower_alphanumeric(text.back())) return false;
  return std::ranges::all_of(text, [](char c) { return is_lower_alphanumeric(c) || c == '-'; });
}

bool is_hostname(std::string_view text) {
  if (text.size() > longest_hostname) return false;
  for (;;) {
    const auto dot = text.find('.');
    if (!is_dns_label(text.substr(0, dot))) return false;
    if (dot == text.npos) return true;
    text.remove_prefix(dot + 1);
  }
}

bool is_wildcard_hostname(std::string_view text) {
  return text.size() <= longest_hostname && text.starts_with("*.") && is_hostname(text.substr(2));
}

}  // namespace sallyport::syntax
