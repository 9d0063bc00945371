// SPDX-License-Identifier: Apache-2.0
// Names of files in the folder: a name counts or not whatever folder it is in, and what is joined can be taken apart.

#include "sources/file_names.hpp"

#include <cstdint>
#include <string>
#include <string_view>

#include "require.hpp"
#include "text_parts.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sallyport::sources;
  using sallyport::fuzz::require;
  const std::string_view name = sallyport::fuzz::whole_text(data, size);
  const bool counts = is_object_file(name);
  require(!counts || !is_ignored(name));
  require(!counts || name.ends_with(".yaml") || name.ends_with(".yml") || name.ends_with(".json"));
  require(!name.starts_with('.') || is_ignored(name));
  const std::string temporary = std::string(name) + "~";
  require(is_ignored(temporary) && !is_object_file(temporary));
  require(join_path("", name) == name);
  const std::string joined = join_path("shop", name);
  require(joined == "shop/" + std::string(name));
  return 0;
}
