// SPDX-License-Identifier: Apache-2.0

#include "sources/file_names.hpp"

#include "base/text.hpp"

namespace sallyport::sources {

bool is_ignored(std::string_view name) {
  return name.empty() || name.front() == '.' || name.front() == '#' || name.back() == '~' || name == "4913";
}

bool is_object_file(std::string_view name) {
  return !is_ignored(name) && (name.ends_with(".yaml") || name.ends_with(".yml") || name.ends_with(".json"));
}

std::string join_path(std::string_view directory, std::string_view name) {
  return directory.empty() ? std::string(name) : text::cat(directory, "/", name);
}

}  // namespace sallyport::sources
