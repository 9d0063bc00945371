// SPDX-License-Identifier: Apache-2.0

#include "syntax/path.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <utility>

namespace sallyport::syntax {
namespace {

constexpr const char* rule = "H1-20";
constexpr std::string_view encoded_slash = "%2F";

enum class Kind : std::uint8_t { unreserved, plain, slash, percent, to_encode, backslash, refused };

constexpr auto kinds = [] {
  std::array<Kind, 256> table{};
  table.fill(Kind::refused);  // CTL, space, DEL, '#', '?', and 0x80 and above
  for (unsigned char c = 0x21; c < 0x7f; ++c) {
    const bool alphanumeric = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (alphanumeric) table[c] = Kind::unreserved;
  }
  for (const char c : std::string_view("-._~")) table[static_cast<unsigned char>(c)] = Kind::unreserved;
  for (const char c : std::string_view("!$&'()*+,;=:@")) table[static_cast<unsigned char>(c)] = Kind::plain;
  for (const char c : std::string_view("\"<>[]^`{|}")) table[static_cast<unsigned char>(c)] = Kind::to_encode;
  table['/'] = Kind::slash;
  table['%'] = Kind::percent;
  table['\\'] = Kind::backslash;
  return table;
}();

Kind kind_of(char c) { return kinds[static_cast<unsigned char>(c)]; }

Failure refused(std::string detail) { return fail(Code::bad_path, rule, std::move(detail)); }

std::string_view word_for(char c) {
  if (c == ' ') return "a space in the path";
  if (c == '#') return "'#' in the path";
  if (c == '?') return "'?' in the path";
  if (static_cast<unsigned char>(c) >= 0x80) return "a byte of 0x80 or above in the path";
  return "a control character in the path";
}

std::optional<unsigned char> hex_digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned char>(c - '0');
  if (c >= 'A' && c <= 'F') return static_cast<unsigned char>(c - 'A' + 10);
  if (c >= 'a' && c <= 'f') return static_cast<unsigned char>(c - 'a' + 10);
  return std::nullopt;
}

// The octet of the triplet that `text` begins with.
std::optional<char> octet(std::string_view text) {
  if (text.size() < 3) return std::nullopt;
  const auto high = hex_digit(text[1]);
  const auto low = hex_digit(text[2]);
  if (!high || !low) return std::nullopt;
  return static_cast<char>(*high << 4 | *low);
}

bool is_lower_hex(char c) { return c >= 'a' && c <= 'f'; }

bool is_canonical_triplet(std::string_view text) {
  const auto value = octet(text);
  if (!value || *value == '\0' || is_lower_hex(text[1]) || is_lower_hex(text[2])) return false;
  const Kind kind = kind_of(*value);
  return kind != Kind::unreserved && kind != Kind::slash && kind != Kind::backslash;
}

// The number of dots of the dot segment, with or without parameters, that `text` begins with; 0 if there is none.
std::size_t dots_at(std::string_view text) {
  const std::size_t dots = text.starts_with("..") ? 2 : text.starts_with('.') ? 1 : 0;
  if (dots == 0 || dots == text.size()) return dots;
  const std::string_view rest = text.substr(dots);
  const bool ends = rest[0] == '/' || rest[0] == ';' || rest.starts_with("%3B") || rest.starts_with("%3b");
  return ends ? dots : 0;
}

// False for some kept %2F that are canonical all the same; the long way finds that out.
bool is_plainly_canonical(std::string_view raw, const PathOptions& options) {
  for (std::size_t at = 0; at < raw.size(); ++at) {
    switch (kind_of(raw[at])) {
      case Kind::unreserved:
      case Kind::plain:
        break;
      case Kind::slash:
        if (options.merge_slashes && raw.substr(at).starts_with("//")) return false;
        if (dots_at(raw.substr(at + 1)) != 0) return false;
        break;
      case Kind::percent:
        if (!is_canonical_triplet(raw.substr(at))) return false;
        at += 2;
        break;
      default:
        return false;
    }
  }
  return true;
}

char* write_triplet(char* to, char c) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  const auto value = static_cast<unsigned char>(c);
  *to++ = '%';
  *to++ = digits[value >> 4];
  *to++ = digits[value & 0xf];
  return to;
}

// The octet of the triplet that `text` begins with, if the path may have it.
Result<char> allowed_octet(std::string_view text, const PathOptions& options) {
  const auto value = octet(text);
  if (!value) return refused("'%' without two hex digits in the path");
  if (*value == '\0') return refused("an encoded NUL (%00) in the path");
  if (*value == '\\') return refused("an encoded backslash (%5C) in the path");
  if (*value == '/' && !options.keep_encoded_slash) {
    return refused(encoded_slash_refused);
  }
  return *value;
}

// Steps 1 to 3 of the header. Writes at most three bytes for each one read.
Result<std::size_t> decode(std::string_view raw, const PathOptions& options, char* const room) {
  char* to = room;
  for (std::size_t at = 0; at < raw.size(); ++at) {
    const char c = raw[at];
    switch (kind_of(c)) {
      case Kind::unreserved:
      case Kind::plain:
      case Kind::slash:
        *to++ = c;
        break;
      case Kind::to_encode:
        to = write_triplet(to, c);
        break;
      case Kind::backslash:
        return refused("a backslash in the path");
      case Kind::refused:
        return refused(std::string(word_for(c)));
      case Kind::percent: {
        auto value = allowed_octet(raw.substr(at), options);
        if (!value) return fail(std::move(value.error()));
        if (kind_of(*value) == Kind::unreserved) {
          *to++ = *value;
        } else {
          to = write_triplet(to, *value);
        }
        at += 2;
      }
    }
  }
  return static_cast<std::size_t>(to - room);
}

// Whether an upstream that decodes %2F would find a dot segment in this one.
bool hides_dots(std::string_view segment) {
  if (segment.find(encoded_slash) == segment.npos) return false;
  for (;;) {
    const auto end = segment.find(encoded_slash);
    if (dots_at(segment.substr(0, end)) != 0) return true;
    if (end == segment.npos) return false;
    segment.remove_prefix(end + encoded_slash.size());
  }
}

// Step 4, in place: what is written never passes what is still to be read.
Result<std::size_t> without_dot_segments(char* const path, std::size_t size) {
  std::size_t written = 0;
  for (std::size_t at = 0; at < size;) {
    const std::string_view rest(path + at + 1, size - at - 1);  // path[at] is the '/' before the segment
    const std::string_view segment = rest.substr(0, rest.find('/'));
    const bool last = segment.size() == rest.size();
    at += 1 + segment.size();

    if (hides_dots(segment)) return refused("a dot segment beside an encoded slash in the path");
    const std::size_t dots = dots_at(segment);
    if (dots == 0) {
      std::memmove(path + written, segment.data() - 1, segment.size() + 1);
      written += segment.size() + 1;
      continue;
    }
    if (segment.size() != dots) return refused("a dot segment with parameters (..;) in the path");
    if (dots == 2) {
      if (written == 0) return refused("the path climbs above its root");
      written = std::string_view(path, written).rfind('/');
    }
    if (last) path[written++] = '/';
  }
  return written;
}

std::size_t with_merged_slashes(char* const path, std::size_t size) {
  const auto end = std::unique(path, path + size, [](char one, char other) { return one == '/' && other == '/'; });
  return static_cast<std::size_t>(end - path);
}

}  // namespace

Result<std::string_view> canonical_path(std::string_view raw, const PathOptions& options, std::span<char> room) {
  if (!raw.starts_with('/')) return refused("the path does not begin with '/'");
  if (is_plainly_canonical(raw, options)) return raw;
  if (room.size() / 3 < raw.size()) return fail(Code::internal, rule, "no room for the canonical path");

  auto size = decode(raw, options, room.data());
  if (!size) return fail(std::move(size.error()));
  size = without_dot_segments(room.data(), *size);
  if (!size) return fail(std::move(size.error()));
  if (options.merge_slashes) *size = with_merged_slashes(room.data(), *size);

  const std::string_view path(room.data(), *size);
  return path == raw ? raw : path;
}

}  // namespace sallyport::syntax
