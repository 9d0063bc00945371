// SPDX-License-Identifier: Apache-2.0
// The log of control: lines on the standard error. Never used on a worker's request path. Each
// call is one line, whatever it holds (base/printable.hpp).

#pragma once

#include <string_view>

namespace sallyport::commands {

void log_info(std::string_view line);
void log_warning(std::string_view line);
void log_error(std::string_view line);

}  // namespace sallyport::commands
