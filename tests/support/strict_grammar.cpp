// SPDX-License-Identifier: Apache-2.0
#include "support/strict_grammar.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <bitset>
#include <string>

namespace sallyport::support::strict {
namespace {

using Bytes = std::bitset<256>;

Bytes of(std::string_view characters) {
  Bytes bytes;
  for (const char c : characters) bytes.set(static_cast<unsigned char>(c));
  return bytes;
}

bool all_of(std::string_view text, const Bytes& allowed) {
  return std::ranges::all_of(text, [&](char c) { return allowed[static_cast<unsigned char>(c)]; });
}

const std::string alphanumeric = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const Bytes digits = of("0123456789");
const Bytes hex_digits = of("0123456789ABCDEFabcdef");
const Bytes token = of(alphanumeric + "!#$%&'*+-.^_`|~");
const Bytes reg_name = of(alphanumeric + "-._~!$&'()*+,;=%");
const Bytes path_bytes = of(alphanumeric + "-._~!$&'()*+,;=:@/%");
const Bytes raw_path_bytes = path_bytes | of("\"<>[]^`{|}");
const Bytes scheme_bytes = of(alphanumeric + "+-.");

Bytes printable() {
  Bytes bytes;
  for (std::size_t c = 0x21; c < 0x7f; ++c) bytes.set(c);
  return bytes;
}
const Bytes query_bytes = printable() & ~of("#");

Bytes text() {
  Bytes bytes = printable() | of(" \t");
  for (std::size_t c = 0x80; c < 0x100; ++c) bytes.set(c);
  return bytes;
}
const Bytes text_bytes = text();

bool triplets_are_whole(std::string_view text) {
  for (std::size_t at = text.find('%'); at != text.npos; at = text.find('%', at + 1)) {
    if (text.size() - at < 3 || !all_of(text.substr(at + 1, 2), hex_digits)) return false;
  }
  return true;
}

bool is_path(std::string_view path, bool raw) {
  return all_of(path, raw ? raw_path_bytes : path_bytes) && triplets_are_whole(path);
}

bool is_path_and_query(std::string_view text, bool raw) {
  const std::size_t question = text.find('?');
  const std::string_view query = question == text.npos ? std::string_view() : text.substr(question + 1);
  return is_path(text.substr(0, question), raw) && all_of(query, query_bytes);
}

bool is_ip_literal(std::string_view text) {
  if (!text.starts_with('[') || !text.ends_with(']')) return false;
  const std::string inside(text.substr(1, text.size() - 2));
  in6_addr address{};
  return inside.starts_with('v') ? is_token(inside) : ::inet_pton(AF_INET6, inside.c_str(), &address) == 1;
}

// Takes what fits off the front: BWS, a token, a quoted string.
void skip_blanks(std::string_view& text) { text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size())); }

bool skip_token(std::string_view& text) {
  const auto* const end = std::ranges::find_if(text, [](char c) { return !token[static_cast<unsigned char>(c)]; });
  const auto size = static_cast<std::size_t>(end - text.begin());
  text.remove_prefix(size);
  return size != 0;
}

bool skip_quoted(std::string_view& text) {
  for (std::size_t at = 1; at < text.size(); ++at) {
    if (text[at] == '\\') {
      ++at;
    } else if (text[at] == '"') {
      const bool good = is_text(text.substr(0, at));
      text.remove_prefix(at + 1);
      return good;
    }
  }
  return false;
}

}  // namespace

bool is_token(std::string_view text) { return !text.empty() && all_of(text, token); }

bool is_text(std::string_view text) { return all_of(text, text_bytes); }

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::vector<std::string_view> items(std::string_view list) {
  std::vector<std::string_view> all;
  for (std::size_t at = 0; at <= list.size();) {
    const std::size_t end = std::min(list.find(',', at), list.size());
    const std::string_view item = trimmed(list.substr(at, end - at));
    if (!item.empty()) all.push_back(item);
    at = end + 1;
  }
  return all;
}

bool is_token_list(std::string_view list) { return std::ranges::all_of(items(list), is_token); }

std::optional<std::uint64_t> decimal(std::string_view text) {
  if (text.empty() || !all_of(text, digits)) return std::nullopt;
  text.remove_prefix(std::min(text.find_first_not_of('0'), text.size()));
  if (text.size() > 19) return std::nullopt;
  std::uint64_t number = 0;
  for (const char c : text) number = number * 10 + static_cast<std::uint64_t>(c - '0');
  return number;
}

std::optional<std::uint64_t> chunk_size(std::string_view line) {
  const auto* const end = std::ranges::find_if(line, [](char c) { return !hex_digits[static_cast<unsigned char>(c)]; });
  std::string size(line.begin(), end);
  line.remove_prefix(size.size());
  if (size.empty()) return std::nullopt;
  size.erase(0, std::min(size.find_first_not_of('0'), size.size()));
  if (size.size() > 16 || (size.size() == 16 && size[0] > '7')) return std::nullopt;  // no signed number holds it
  while (!line.empty()) {                                                             // chunk-ext
    skip_blanks(line);
    if (!line.starts_with(';')) return std::nullopt;
    line.remove_prefix(1);
    skip_blanks(line);
    if (!skip_token(line)) return std::nullopt;
    std::string_view behind = line;
    skip_blanks(behind);
    if (!behind.starts_with('=')) continue;
    line = behind.substr(1);
    skip_blanks(line);
    if (!(line.starts_with('"') ? skip_quoted(line) : skip_token(line))) return std::nullopt;
  }
  return size.empty() ? 0 : std::stoull(size, nullptr, 16);
}

CodingList read_codings(std::string_view list) {
  CodingList all;
  for (std::string_view coding : items(list)) {
    const bool chunked = same_name(coding, "chunked");
    all.chunked += chunked ? 1 : 0;
    all.chunked_is_last = chunked;
    all.well_formed = all.well_formed && skip_token(coding);
    skip_blanks(coding);
    // Parameters are not looked into: a coding that has some is not chunked, whatever they are.
    all.well_formed = all.well_formed && (coding.empty() || coding.starts_with(';')) && is_text(coding);
  }
  all.well_formed = all.well_formed && !items(list).empty();
  return all;
}

bool is_host_and_port(std::string_view text) {
  const std::size_t bracket = text.find(']');
  const std::size_t colon = text.find(':', bracket == text.npos ? 0 : bracket);
  const std::string_view host = text.substr(0, colon);
  if (colon != text.npos && !all_of(text.substr(colon + 1), digits)) return false;
  return host.starts_with('[') ? is_ip_literal(host) : all_of(host, reg_name) && triplets_are_whole(host);
}

std::optional<std::string_view> target_authority(std::string_view method, std::string_view target, bool raw_path) {
  if (method == "CONNECT") {
    if (!is_host_and_port(target) || target.find(':') == target.npos) return std::nullopt;
    return target;
  }
  if (target == "*" && method == "OPTIONS") return std::string_view();
  if (target.starts_with('/')) {
    return is_path_and_query(target, raw_path) ? std::optional(std::string_view()) : std::nullopt;
  }
  const std::size_t colon = target.find(':');
  const std::string_view scheme = target.substr(0, colon);
  if (colon == target.npos || scheme.empty() || !all_of(scheme, scheme_bytes)) return std::nullopt;
  const std::string_view behind = target.substr(colon + 1);
  if (!same_name(scheme, "http") && !same_name(scheme, "https")) {
    // A URI of another scheme (RFC 9112 3.2.2 asks a server to take any absolute-form); nobody's authority.
    return is_path_and_query(behind, raw_path) ? std::optional(std::string_view()) : std::nullopt;
  }
  if (!behind.starts_with("//")) return std::nullopt;
  const std::size_t end = std::min(behind.find_first_of("/?", 2), behind.size());
  const std::string_view authority = behind.substr(2, end - 2);
  const bool has_host = !authority.empty() && !authority.starts_with(':');  // RFC 9110 4.2.1
  if (!has_host || !is_host_and_port(authority) || !is_path_and_query(behind.substr(end), raw_path)) {
    return std::nullopt;
  }
  return authority;
}

bool same_name(std::string_view one, std::string_view other) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; };
  return std::ranges::equal(one, other, {}, lower, lower);
}

}  // namespace sallyport::support::strict
