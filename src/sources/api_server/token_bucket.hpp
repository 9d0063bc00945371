// SPDX-License-Identifier: Apache-2.0
// How often something may be done: a burst, and then so many a second. Told the time.

#pragma once

#include <algorithm>

#include "net/timer_wheel.hpp"

namespace sallyport::sources::api_server {

class TokenBucket {
 public:
  // One more every `interval`, at most `burst` at once.
  TokenBucket(net::Duration interval, unsigned burst) : interval_(interval), room_(interval * (burst - 1)) {}

  // From when on one may be taken.
  net::Time next() const { return spent_until_ - room_; }
  // REQUIRES: next() is not after `now`.
  void take(net::Time now) { spent_until_ = std::max(spent_until_, now) + interval_; }

 private:
  net::Duration interval_;
  net::Duration room_;
  net::Time spent_until_{};  // when as many are there as at the beginning
};

}  // namespace sallyport::sources::api_server
