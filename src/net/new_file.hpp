// SPDX-License-Identifier: Apache-2.0
// Writes a file that was not there, whole and synced, so that renaming it over another leaves either the one or the
// other behind, whenever the machine stops. Blocks as long as the disk does: call it on a thread that may wait.

#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>

namespace sallyport::net {

// The error number, or 0. Whatever lies under the name is removed first, and the file after an error.
int write_new_file(const std::string& path, std::string_view text, ::mode_t mode);

}  // namespace sallyport::net
