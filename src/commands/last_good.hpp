// SPDX-License-Identifier: Apache-2.0
// --last-good: at the start control has what was in force once, until the source has answered; then what is in force is
// kept. Belongs to the control thread.

#pragma once

#include <cstddef>
#include <cstdint>

#include "control/control.hpp"
#include "net/loop.hpp"
#include "sources/last_good/keeper.hpp"

namespace sallyport::commands {

struct LastGoodFigures {
  sources::last_good::Keeper::Report kept;
  std::uint64_t unconfirmed = 0;  // objects in force that the source has not given
};

class LastGood {
 public:
  // `control` outlives it.
  LastGood(net::Loop& loop, control::Control& control, const sources::last_good::Settings& settings);

  // Before control starts. False if there is nothing to restore.
  bool restore();
  // Control's statuses, problems or version changed.
  void changed();
  void finish() { keeper_.finish(); }

  LastGoodFigures figures() const { return {.kept = keeper_.report(), .unconfirmed = control_.unconfirmed()}; }

 private:
  control::Control& control_;
  const sources::last_good::Settings settings_;
  sources::last_good::Keeper keeper_;
  std::size_t told_unconfirmed_ = 0;
  bool was_settled_ = false;  // once
};

}  // namespace sallyport::commands
