// SPDX-License-Identifier: Apache-2.0
// A folder read once, as `check` and `explain` do.

#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "control/engine.hpp"
#include "sources/source.hpp"

namespace sallyport::commands {

// What is told of a source that was read once.
struct SourceReading {
  control::Outcome outcome;  // with the engine's first version: all there is
  std::vector<sources::Problem> problems;
};

// Fills `engine`. The error is that the folder itself cannot be read, and why.
Result<SourceReading> read_folder(const std::string& dir, control::Engine& engine);

}  // namespace sallyport::commands
