// SPDX-License-Identifier: Apache-2.0
// What is allowed on the command line and seldom meant. Pure.

#pragma once

#include <string>
#include <vector>

#include "commands/cluster.hpp"
#include "control/settings.hpp"
#include "sources/api_server/access_settings.hpp"

namespace sallyport::commands {

// A sentence for each; it begins with the option.
std::vector<std::string> doubtful_options(const control::Settings& settings, const ClusterOptions& cluster);

// The same of `run` in a cluster: what it shall write there and does not.
std::vector<std::string> unwritten(const control::Settings& settings, const ClusterOptions& cluster,
                                   const sources::api_server::AccessSettings& access);

}  // namespace sallyport::commands
