// SPDX-License-Identifier: Apache-2.0
// `sallyport explain DIR METHOD URL`: reads a folder as `run` would, and says where a request would go, and why there.

#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>

#include "commands/explain_request.hpp"
#include "control/settings.hpp"

namespace sallyport::commands {

struct ExplainOptions {
  enum class Output : std::uint8_t { text, json };

  std::string dir;
  Asked asked;
  Output output = Output::text;
  control::Settings settings;
  Reading reading;
};

// What could not be read or is rejected is counted on `err`. Exit status: 0 if a rule serves it, 1 if not, 2 if the
// folder cannot be read or the URL is none.
int explain(const ExplainOptions& options, std::ostream& out, std::ostream& err);

}  // namespace sallyport::commands
