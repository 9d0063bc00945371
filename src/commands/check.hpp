// SPDX-License-Identifier: Apache-2.0
// `sallyport check DIR`: translates a folder, or what a cluster has, as `run` would, without serving it, and says what
// became of each object.

#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>

#include "base/result.hpp"
#include "commands/check_report.hpp"
#include "commands/cluster.hpp"
#include "control/engine.hpp"
#include "control/settings.hpp"

namespace sallyport::commands {

struct CheckOptions {
  enum class Output : std::uint8_t { text, json };

  std::string dir;  // empty: the cluster
  ClusterOptions cluster;
  Output output = Output::text;
  control::Settings settings;
};

// Fills `engine` from the folder, or from the cluster, read once; `now` is in seconds since 1970. The error is that it
// cannot be read at all.
Result<CheckReport> check_folder(const std::string& dir, control::Engine& engine, std::int64_t now = seconds_now());
Result<CheckReport> check_cluster(const ClusterOptions& options, control::Engine& engine,
                                  std::int64_t now = seconds_now());

// What is doubtful about the options stands on `err`, and that there is no --default-certificate or --publish-service.
// Exit status: 0, 1 if anything is rejected or a file or kind cannot be read, 2 if nothing can.
int check(const CheckOptions& options, std::ostream& out, std::ostream& err);

}  // namespace sallyport::commands
