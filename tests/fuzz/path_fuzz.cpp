// SPDX-License-Identifier: Apache-2.0
// canonical_path: idempotent, inside its input or its room, and free of dot segments. The first byte chooses the
// options.

#include "syntax/path.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "require.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sallyport::syntax;
  using namespace sallyport::fuzz;
  if (size == 0) return 0;
  const PathOptions options = {.keep_encoded_slash = (data[0] & 1) != 0, .merge_slashes = (data[0] & 2) != 0};
  const std::string_view raw(reinterpret_cast<const char*>(data + 1), size - 1);

  std::vector<char> room(raw.size() * 3);
  const auto once = canonical_path(raw, options, room);
  if (!once) {
    require(once.error().code == sallyport::Code::bad_path && !once.error().detail.empty());
    return 0;
  }
  require(is_inside(*once, raw.data(), raw.size()) || is_inside(*once, room.data(), room.size()));
  require(once->starts_with('/'));
  require(once->size() <= room.size());
  require(*once != raw || once->data() == raw.data());

  std::vector<char> other_room(once->size() * 3);
  const auto twice = canonical_path(*once, options, other_room);
  require(twice && twice->data() == once->data() && twice->size() == once->size());

  const std::string bounded = std::string(*once) + "/";
  require(bounded.find("/./") == bounded.npos && bounded.find("/../") == bounded.npos);
  require(!options.merge_slashes || once->find("//") == once->npos);
  require(options.keep_encoded_slash || once->find("%2F") == once->npos);
  for (const char c : *once) require(c > 0x20 && c < 0x7f && c != '#' && c != '?' && c != '\\');
  return 0;
}
