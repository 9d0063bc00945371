// SPDX-License-Identifier: Apache-2.0
// The directory of last good configurations: the newest and the two before it, of mode 0600.
//
// The newest is last-good.json, which `check` reads too; the others have .1 and .2 behind that name. A new one is
// written beside them, synced, and takes the name by a rename, so whenever the process or the machine stops there is at
// least one that is whole. One process a directory. Blocks as long as the disk does.

#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sources/last_good/file.hpp"

namespace sallyport::sources::last_good {

inline constexpr std::array<const char*, 3> file_names = {"last-good.json", "last-good.json.1", "last-good.json.2"};

// The error number, or 0. Makes the directory where it is not there, but none above it.
int keep(const std::string& directory, std::string_view text);

struct Loaded {
  std::optional<Contents> contents;
  std::string file;                      // where they were read from
  std::vector<std::string> passed_over;  // for people, what is wrong with each newer one that is there
};

// The newest that is whole.
Loaded load(const std::string& directory, const Key* key);

}  // namespace sallyport::sources::last_good
