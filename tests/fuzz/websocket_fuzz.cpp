// SPDX-License-Identifier: Apache-2.0
// A switch to WebSocket: only the one right answer to a key is one. Two lines: the key, and what the upstream accepts.

#include "http/websocket.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "kube/base64.hpp"
#include "require.hpp"
#include "text_parts.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sallyport;
  using fuzz::require;
  using syntax::HeaderId;
  const auto lines = fuzz::lines_of(fuzz::whole_text(data, size));
  const std::string_view key = lines[0];
  const std::string right = http::websocket_accept(key);
  std::array<char, 32> digest{};
  require(right.size() == 28 && kube::base64_room(right) <= digest.size());
  require(kube::decode_base64(right, digest.data()) == std::size_t{20});  // SHA-1's

  Arena arena;
  http::RequestHead request(arena);
  http::ResponseHead response(arena);
  response.status = 101;
  if (!request.fields.add(HeaderId::sec_websocket_key, key)) return 0;
  for (const std::string& accept : {right, std::string(lines.back()), right + "=", std::string()}) {
    response.fields.clear();
    if (!response.fields.add(HeaderId::sec_websocket_accept, accept)) continue;
    request.upgrade = response.upgrade = "websocket";
    require(http::accepts_upgrade(request, response) == (accept == right));
    response.upgrade = {};
    require(!http::accepts_upgrade(request, response));
    request.upgrade = {};
    require(!http::accepts_upgrade(request, response));
  }
  return 0;
}
