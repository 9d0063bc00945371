// SPDX-License-Identifier: Apache-2.0
// The limits as they are, with what a machine and a command line make of them: `sallyport limits --in-force`, and the
// admin port's /limits. Pure.

#pragma once

#include <string>

#include "commands/run.hpp"

namespace sallyport::commands {

// A line each: name, value, unit, and the default where it is another.
std::string limits_in_force(const RunOptions& options);

// {"limits": [{"name": "head-bytes", "value": 16384, "unit": "bytes", "default": 32768}, …]}; a default that is made of
// others has its words, "half of …".
std::string limits_json(const RunOptions& options);

}  // namespace sallyport::commands
