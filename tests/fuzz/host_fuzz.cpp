// SPDX-License-Identifier: Apache-2.0
// canonical_authority: idempotent, inside its input or its room.

#include "syntax/host.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "require.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sallyport::syntax;
  using namespace sallyport::fuzz;
  const std::string_view text(reinterpret_cast<const char*>(data), size);

  if (is_hostname(text)) {
    require(!is_wildcard_hostname(text) && text.size() <= 253);
    if (text.size() <= 251) require(is_wildcard_hostname("*." + std::string(text)));
  }

  std::array<char, authority_room> room{};
  const auto once = canonical_authority(text, room);
  if (!once) {
    require(once.error().code == sallyport::Code::bad_request && !once.error().detail.empty());
    return 0;
  }
  require(!once->host.empty() && !once->host.ends_with('.'));
  require(is_inside(once->host, text.data(), text.size()) || is_inside(once->host, room.data(), room.size()));
  for (const char c : once->host) require(c > 0x20 && c < 0x7f && !(c >= 'A' && c <= 'Z'));

  std::array<char, authority_room> other_room{};
  const auto twice = canonical_authority(once->host, other_room);
  require(twice && twice->host.data() == once->host.data() && twice->host.size() == once->host.size());
  require(twice->port == 0);
  return 0;
}
