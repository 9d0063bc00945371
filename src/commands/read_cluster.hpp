// SPDX-License-Identifier: Apache-2.0
// A cluster read once, as `check` does: with the Secrets that something refers to.

#pragma once

#include "base/result.hpp"
#include "commands/cluster.hpp"
#include "commands/read_folder.hpp"
#include "control/engine.hpp"
#include "net/timer_wheel.hpp"

namespace sallyport::commands {

// Fills `engine`. The error is that the API server does not answer, or that nothing more came for a minute and
// something is missing still.
Result<SourceReading> read_cluster(const ClusterOptions& options, control::Engine& engine);

// The same of any source that speaks on this loop, where nothing more may come for `patience`; for tests.
Result<SourceReading> read_source(net::Loop& loop, sources::Source& source, control::Engine& engine,
                                  net::Duration patience);

}  // namespace sallyport::commands
