// SPDX-License-Identifier: Apache-2.0
// Files that may hold secrets: keys, tokens, kubeconfigs. Small ones, read at once; blocks as long as the disk does.

#pragma once

#include <cstddef>
#include <string>

#include "base/result.hpp"
#include "base/secret_bytes.hpp"

namespace sallyport::sources {

// An error names the file, and nothing of what it holds; one that is larger than `most` bytes is an error.
Result<SecretBytes> read_secret_file(const std::string& path, std::size_t most);

}  // namespace sallyport::sources
