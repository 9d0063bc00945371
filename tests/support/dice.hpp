// SPDX-License-Identifier: Apache-2.0
// Random choices that a seed repeats on every machine and with every library (splitmix64; the standard distributions
// are not the same everywhere).

#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <string_view>

namespace sallyport::support {

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed * 0x9E3779B97F4A7C15U + 0xD1B54A32D192ED03U) {}

  std::uint64_t roll() {
    state_ += 0x9E3779B97F4A7C15U;
    std::uint64_t mixed = (state_ ^ (state_ >> 30U)) * 0xBF58476D1CE4E5B9U;
    mixed = (mixed ^ (mixed >> 27U)) * 0x94D049BB133111EBU;
    return mixed ^ (mixed >> 31U);
  }
  // 0 to `most` - 1.
  std::size_t below(std::size_t most) { return static_cast<std::size_t>(roll() % most); }
  bool one_in(std::size_t many) { return below(many) == 0; }
  std::string_view pick(std::initializer_list<std::string_view> of) {
    return *std::next(of.begin(), static_cast<std::ptrdiff_t>(below(of.size())));
  }

 private:
  std::uint64_t state_;
};

}  // namespace sallyport::support
