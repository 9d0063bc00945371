// SPDX-License-Identifier: Apache-2.0
// How often some bytes are in what this process may write to: what is left of secrets.

#pragma once

#include <string>

namespace sallyport::support {

// The text that is looked for is found too.
int times_in_memory(const std::string& wanted);

}  // namespace sallyport::support
