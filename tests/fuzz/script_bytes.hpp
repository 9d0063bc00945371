// SPDX-License-Identifier: Apache-2.0
// The input of a fuzz target as a script for both sides of a session, taken byte by byte; zeros behind its end.

#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

namespace sallyport::fuzz {

class ScriptBytes {
 public:
  explicit ScriptBytes(std::string_view input) : left_(input) {}

  bool empty() const { return left_.empty(); }

  unsigned take() {
    if (left_.empty()) return 0;
    const auto byte = static_cast<unsigned char>(left_.front());
    left_.remove_prefix(1);
    return byte;
  }
  // Marks are the scripts' own: raw bytes cannot forge one.
  std::string take_raw(std::size_t size) {
    std::string raw(left_.substr(0, size));
    left_.remove_prefix(raw.size());
    std::ranges::replace(raw, '~', '-');
    return raw;
  }

 private:
  std::string_view left_;
};

}  // namespace sallyport::fuzz
