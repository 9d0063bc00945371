// SPDX-License-Identifier: Apache-2.0
// What is allowed on the command line and seldom meant. Pure.

#pragma once

#include <string>
#include <vector>

#include "control/settings.hpp"

namespace sallyport::commands {

// A sentence for each; it begins with the option.
std::vector<std::string> doubtful_options(const control::Settings& settings);

}  // namespace sallyport::commands
