// SPDX-License-Identifier: Apache-2.0
// How long changes took from their arrival at control until every worker had adopted them: a histogram of versions.

#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "net/timer_wheel.hpp"

namespace sallyport::control {

struct Propagation {
  // In milliseconds; the last count is of what took longer than every bound.
  static constexpr std::array<std::uint32_t, 11> bounds = {1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000};

  std::array<std::uint64_t, bounds.size() + 1> counts{};  // each version once, under the first bound that holds it
  double sum = 0;                                         // seconds
  std::uint64_t count = 0;

  void add(net::Clock::duration took) {
    const double milliseconds = std::chrono::duration<double, std::milli>(took).count();
    const auto bound =
        std::ranges::find_if(bounds, [&](std::uint32_t most) { return milliseconds <= static_cast<double>(most); });
    ++counts.at(static_cast<std::size_t>(bound - bounds.begin()));
    sum += milliseconds / 1000;
    ++count;
  }
};

}  // namespace sallyport::control
