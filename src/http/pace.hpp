// SPDX-License-Identifier: Apache-2.0
// How slow the sender of a body may be (reference: reliability-security.md H1-16). The same for every version of HTTP.

#pragma once

#include <algorithm>
#include <cstdint>

#include "net/timer_wheel.hpp"

namespace sallyport::http {

// The time spent waiting for the sender is at most `grace`, which its bytes refill at the rate; no more than the grace
// is ever saved up. A rate of 0 gives the grace to every single wait instead.
struct Pace {
  net::Duration grace;
  std::uint64_t bytes_per_second;
};

// What is left of a grace.
class Patience {
 public:
  explicit Patience(const Pace& pace) : pace_(pace), left_(pace.grace) {}

  // Of a wait that begins now.
  net::Time deadline(net::Time now) const { return now + left_; }
  // All of the grace again.
  void renew() { left_ = pace_.grace; }
  // It is over, and gave so many bytes.
  void spend(net::Time from, net::Time now, std::uint64_t bytes) {
    if (pace_.bytes_per_second == 0) return;
    const auto waited = std::chrono::duration_cast<net::Duration>(now - from);
    const net::Duration earned(bytes * 1000 / pace_.bytes_per_second);
    left_ = std::min(pace_.grace, left_ - waited + earned);
  }

 private:
  Pace pace_;
  net::Duration left_;
};

}  // namespace sallyport::http
