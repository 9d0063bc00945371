// SPDX-License-Identifier: Apache-2.0
// What was seen of the folder and not looked at yet, and when it is time to look. Pure: it is told what time it is.
//
// A file that its writer closed, or that was moved in, is whole, and is due after a moment. A deletion, or what asks
// for a scan, may be one half of a pair (an editor moves the old file away before it writes the new one; a directory is
// swapped by two renames), and is due when the other half had time to come; all that is pending waits with it, so that
// an object that moves from file to file is one change. A file that is gone and then written is no half any more.

#pragma once

#include <optional>
#include <string>

#include "net/timer_wheel.hpp"
#include "sources/folder_watch.hpp"

namespace sallyport::sources {

class Pending {
 public:
  static constexpr net::Duration gathering{1};
  static constexpr net::Duration settle{50};    // from the first half
  static constexpr net::Duration longest{100};  // from the first event, whatever follows it

  void add(FolderWatch::Events events, net::Time now);

  bool empty() const { return events_.empty(); }
  bool wants_scan() const { return events_.wants_scan; }
  bool was_written(const std::string& path) const { return events_.edits.written.contains(path); }
  // Only if it is not empty. Never later than `longest` after the first event.
  net::Time due() const;
  // Empty from then on.
  FolderWatch::Events take();

 private:
  bool has_half() const { return events_.wants_scan || !events_.edits.gone.empty(); }

  FolderWatch::Events events_;
  std::optional<net::Time> first_;
  std::optional<net::Time> half_;  // the first one that is pending
};

}  // namespace sallyport::sources
