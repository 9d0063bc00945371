// SPDX-License-Identifier: Apache-2.0
// The options that name a cluster, and what of it is read; of `run` and `check`.

#pragma once

#include <string>
#include <string_view>

#include "commands/cluster.hpp"
#include "control/settings.hpp"

namespace CLI {
class App;
}

namespace sallyport::commands {

void add_cluster_options(CLI::App& app, ClusterOptions& options);
void add_lease_option(CLI::App& app, ClusterOptions& options);
void add_publish_nodes_option(CLI::App& app, ClusterOptions& options);

// Objects come from one place. `folder` is the option or argument that names a folder, and `dir` what it says. Throws
// CLI11's ValidationError.
void check_place(ClusterOptions& cluster, std::string_view folder, const std::string& dir);

// The addresses of Ingresses come from one place. Throws CLI11's ValidationError.
void check_publish(const ClusterOptions& cluster, const control::Settings& settings);

// Of a cluster others than its administrator write objects.
void suit_cluster(const CLI::App& app, control::Settings& settings);

}  // namespace sallyport::commands
