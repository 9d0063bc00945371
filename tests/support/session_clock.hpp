// SPDX-License-Identifier: Apache-2.0
// The clock of deadlines, where a program's tests move it: hours pass without being waited for. The program defines
// std::chrono::steady_clock::now() once, by what is here.

#pragma once

#include <atomic>
#include <chrono>
#include <ctime>

#include "net/timer_wheel.hpp"

namespace sallyport::support {

// How far ahead it is. Loops made before it is set back must be gone.
inline std::atomic<std::int64_t> clock_ahead{0};  // milliseconds

inline void move_clock(net::Duration by) { clock_ahead += by.count(); }
inline void set_clock_right() { clock_ahead = 0; }

inline std::chrono::nanoseconds kernel_clock() {
  std::timespec time{};
  ::clock_gettime(CLOCK_MONOTONIC, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

inline net::Time moved_clock() {
  return net::Time(kernel_clock() + net::Duration(clock_ahead.load(std::memory_order_relaxed)));
}

}  // namespace sallyport::support
