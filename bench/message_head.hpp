// SPDX-License-Identifier: Apache-2.0
// As much of a message's head as those need who measure: where it ends, and the values of fields.

#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/number.hpp"

namespace sallyport::bench {

// Size of the head, its empty line included; nothing while that has not come.
inline std::optional<std::size_t> head_size(std::string_view bytes) {
  const auto end = bytes.find("\r\n\r\n");
  return end == bytes.npos ? std::nullopt : std::optional(end + 4);
}

inline bool is_same_name(std::string_view one, std::string_view other) {
  if (one.size() != other.size()) return false;
  for (std::size_t i = 0; i < one.size(); ++i) {
    if ((one[i] | 0x20) != (other[i] | 0x20)) return false;
  }
  return true;
}

// The value of the first field of this name; empty without one.
inline std::string_view field(std::string_view head, std::string_view name) {
  for (auto at = head.find("\r\n"); at != head.npos; at = head.find("\r\n", at)) {
    at += 2;
    const std::string_view line = head.substr(at, head.find("\r\n", at) - at);
    if (line.size() <= name.size() || line[name.size()] != ':' || !is_same_name(line.substr(0, name.size()), name)) {
      continue;
    }
    const auto begin = line.find_first_not_of(' ', name.size() + 1);
    return begin == line.npos ? std::string_view() : line.substr(begin);
  }
  return {};
}

inline std::uint64_t content_length(std::string_view head) {
  return parse_decimal<std::uint64_t>(field(head, "content-length")).value_or(0);
}

}  // namespace sallyport::bench
