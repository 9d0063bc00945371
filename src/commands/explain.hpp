// SPDX-License-Identifier: Apache-2.0
// `sallyport explain DIR METHOD URL`: reads a folder, or what a cluster has, as `run` would, and says where a request
// would go, and why there.

#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>

#include "commands/cluster.hpp"
#include "commands/explain_request.hpp"
#include "commands/read_folder.hpp"
#include "control/engine.hpp"
#include "control/settings.hpp"

namespace sallyport::commands {

struct ExplainOptions {
  enum class Output : std::uint8_t { text, json };

  std::string dir;  // empty: the cluster
  ClusterOptions cluster;
  Asked asked;
  Output output = Output::text;
  control::Settings settings;
  Reading reading;
};

// What could not be read or is rejected is counted on `err`. Exit status: 0 if a rule serves it, 1 if not, 2 if the
// folder cannot be read, the API server does not answer or the URL is none.
int explain(const ExplainOptions& options, std::ostream& out, std::ostream& err);

// The same of what was read into `engine`.
int explain_reading(const ExplainOptions& options, const Result<SourceReading>& reading, const control::Engine& engine,
                    std::ostream& out, std::ostream& err);

}  // namespace sallyport::commands
