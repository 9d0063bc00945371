// SPDX-License-Identifier: Apache-2.0
// The options about endpoints that have a name instead of an address.

#pragma once

#include "commands/run.hpp"
#include "proxy/settings.hpp"

namespace CLI {
class App;
}

namespace sallyport::commands {

// Where the names of endpoints are asked for, and lead.
void add_name_options(CLI::App& app, proxy::Settings& settings);

// What names lead to says nothing where there are none. Throws CLI11's ValidationError.
void check_names(const RunOptions& options);

}  // namespace sallyport::commands
