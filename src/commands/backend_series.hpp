// SPDX-License-Identifier: Apache-2.0
// Which backends have metric series of their own, from one reading of /metrics to the next. No counter ever falls or
// jumps while its backend lives:
//
// - a backend gets its place at the first reading after it was asked, never before;
// - it keeps it: series of its own, or a share of the overflow when there was no room;
// - to the overflow only what is counted since then is added, and what a backend that is gone had added stays.
//
// Belongs to the control thread.

#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>

#include "proxy/counters.hpp"

namespace sallyport::commands {

class BackendSeries {
 public:
  using ById = std::map<std::string, proxy::BackendReport>;

  // `now` is of all backends there are, added up over the workers. So many at most have series of their own; those that
  // are new come in the order of their ids.
  void take(const ById& now, std::size_t most_own);

  bool has_own(const std::string& id) const { return own_.contains(id); }
  std::size_t over() const { return over_.size(); }
  // Counted under the overflow, ever.
  const proxy::BackendReport& overflow() const { return overflow_; }
  bool has_overflow() const { return has_overflow_; }

 private:
  void forget_those_gone(const ById& now);

  std::set<std::string> own_;
  ById over_;  // as they were last seen
  proxy::BackendReport overflow_;
  bool has_overflow_ = false;
};

}  // namespace sallyport::commands
