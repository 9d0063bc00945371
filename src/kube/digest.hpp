// SPDX-License-Identifier: Apache-2.0
// A 128-bit fingerprint of contents, to see that nothing changed. Not a signature: it does not resist an attacker.

#pragma once

#include <cstdint>
#include <string_view>

namespace sallyport::kube {

struct Digest {
  std::uint64_t high = 0x6C62272E07BB0142U;
  std::uint64_t low = 0xCBF29CE484222325U;

  bool operator==(const Digest&) const = default;

  // Adding "a" then "b" differs from adding "ab".
  void add(std::string_view text) {
    for (const char c : text) mix(static_cast<unsigned char>(c));
    mix(text.size());
  }
  void add(std::uint64_t number) { mix(number); }

 private:
  // FNV-1a with two multipliers.
  void mix(std::uint64_t value) {
    low = (low ^ value) * 0x00000100000001B3U;
    high = (high ^ value) * 0x9E3779B97F4A7C15U;
    high ^= high >> 29U;
  }
};

}  // namespace sallyport::kube
