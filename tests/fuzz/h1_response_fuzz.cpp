// SPDX-License-Identifier: Apache-2.0
// Response heads: what is accepted is written without a byte that splits it and reads back as the same model; every
// refusal is the upstream's fault. The first byte chooses the request's method and the second the cut.

#include <cstdint>
#include <string_view>
#include <vector>

#include "http/h1/head_scanner.hpp"
#include "http/h1/response_parser.hpp"
#include "http/h1/serialiser.hpp"
#include "require.hpp"

namespace sallyport::http::h1 {
namespace {

using fuzz::require;

bool same(const Fields& one, const Fields& other) {
  if (one.size() != other.size()) return false;
  for (std::size_t at = 0; at < one.size(); ++at) {
    const Field& left = one.begin()[at];
    const Field& right = other.begin()[at];
    if (left.id != right.id || left.name != right.name || left.value != right.value) return false;
  }
  return true;
}

bool same(const ResponseHead& one, const ResponseHead& other) {
  return one.status == other.status && one.reason == other.reason && one.framing == other.framing &&
         one.upgrade == other.upgrade && same(one.fields, other.fields);
}

void check_written(const ResponseHead& head, const Limits& limits, Method method) {
  const Hop hop{.close = !head.keep_alive, .upgrade = head.upgrade};
  std::vector<char> room(room_for(head, hop, Stamp()));
  const auto size = write_response_head(room, head, hop, Stamp());
  require(size.has_value());
  const std::string_view written(room.data(), *size);
  require(written.ends_with("\r\n\r\n") && written.find("\r\n\r\n") == written.size() - 4);
  require(written.find('\0') == written.npos);

  Arena arena;
  ResponseHead again(arena);
  Notes notes;
  const auto read = parse_response_head(written, limits, method, arena, again, notes);
  require(read && *read == written.size() && same(head, again) && head.keep_alive == again.keep_alive);
  require(notes == Notes());
}

void check(std::string_view bytes, Method method, std::size_t cut) {
  const Limits limits;
  Arena arena;
  ResponseHead head(arena);
  Notes notes;
  const auto size = parse_response_head(bytes, limits, method, arena, head, notes);
  require(!size || *size <= bytes.size());
  require(size || size.error().code == Code::upstream_malformed);

  HeadScanner scanner = HeadScanner::for_head(limits);
  const std::string_view start = bytes.substr(0, cut);
  Arena start_arena;
  ResponseHead start_head(start_arena);
  const auto early = parse_response_head(start, limits, method, start_arena, start_head, notes);
  const bool worth_it = scanner.worth_parsing(start);
  if (!early) require(!size && early.error().detail == size.error().detail);
  if (early && *early != 0) require(size && *size == *early && same(head, start_head) && worth_it);
  if (early && *early == 0 && size && *size != 0) require(scanner.worth_parsing(bytes));

  if (!size || *size == 0) return;
  Limits roomier = limits;  // for a "Connection: close" that the head did not have
  roomier.head *= 2;
  roomier.fields *= 2;
  check_written(head, roomier, method);
}

}  // namespace
}  // namespace sallyport::http::h1

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sallyport::http;
  if (size < 2) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data + 2), size - 2);
  h1::check(bytes, (data[0] & 1) != 0 ? Method::head : Method::get, bytes.size() * data[1] / 256);
  return 0;
}
