// SPDX-License-Identifier: Apache-2.0
// The time that the loads go by.

#pragma once

#include <chrono>

namespace sallyport::bench {

using Clock = std::chrono::steady_clock;
using Time = Clock::time_point;

inline Clock::duration duration(double seconds) {
  return std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
}

inline double seconds_since(Time begin) { return std::chrono::duration<double>(Clock::now() - begin).count(); }

}  // namespace sallyport::bench
