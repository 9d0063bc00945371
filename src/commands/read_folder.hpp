// SPDX-License-Identifier: Apache-2.0
// A folder read once, as `check` and `explain` do.

#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "control/engine.hpp"
#include "sources/source.hpp"

namespace sallyport::commands {

struct FolderReading {
  control::Outcome outcome;  // of the engine's first changes: all there is
  std::vector<sources::Problem> problems;
};

// Fills `engine`. The error is that the folder itself cannot be read, and why.
Result<FolderReading> read_folder(const std::string& dir, control::Engine& engine);

}  // namespace sallyport::commands
