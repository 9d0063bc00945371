// SPDX-License-Identifier: Apache-2.0
// The one table of limits: what `--limit name=value` sets, what its help says, and what docs/limits.md is made of.

#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "commands/run.hpp"

namespace sallyport::commands {

struct Limit {
  std::string_view name;
  std::string_view unit;
  std::string_view effect;   // what is limited, and what happens then
  std::string_view reason;   // why the default is what it is
  std::string_view derived;  // of what the default is made at the start; empty: it is a number
  std::uint64_t least;       // that it can be set to
  std::uint64_t most;
  std::uint64_t (*get)(const RunOptions& options);
  void (*set)(RunOptions& options, std::uint64_t value);
};

std::span<const Limit> limits();

// "head-bytes=16384". The error names the limit, or those that there are.
Result<void> set_limit(RunOptions& options, std::string_view assignment);

// What the limits of other connections are while nobody has given them.
void follow_connections(proxy::Settings& settings);

// All of a command line, in whatever order: those of other connections that are not among them follow `connections`,
// and that of one source's handshakes follows `handshakes`.
Result<void> set_limits(RunOptions& options, std::span<const std::string> assignments);

// One line a limit: name, default, unit, effect, bounds.
std::string limits_text();

// The page docs/limits.md.
std::string limits_page();

}  // namespace sallyport::commands
