// SPDX-License-Identifier: Apache-2.0
// How many requests may be sent to a second endpoint because the first one broke off: one of five, so that endpoints
// that all fail get at most a fifth more of them; and what was not used is saved for when one ends with many under way
// (reference: reliability-security.md R4, R25). Of one pool; belongs to its thread.

#pragma once

#include <algorithm>

namespace sallyport::proxy {

class RepeatBudget {
 public:
  void count_request() { saved_ = std::min(saved_ + 1, most); }

  // False: too many were sent again.
  bool take() {
    if (saved_ < price) return false;
    saved_ -= price;
    return true;
  }

  static constexpr unsigned price = 5;
  static constexpr unsigned most = 1000;

 private:
  unsigned saved_ = most;
};

}  // namespace sallyport::proxy
