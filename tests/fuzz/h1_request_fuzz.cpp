// SPDX-License-Identifier: Apache-2.0
// Request heads: what is accepted is written without a byte that splits it and reads back as the same model; a cut
// head is not judged otherwise. The first byte chooses the conduct and the second the cut.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "http/h1/head_scanner.hpp"
#include "http/h1/request_parser.hpp"
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

// A method whose content means something is written with a length of 0 where it has none (RFC 9110 8.6).
bool says_the_same(const Framing& read, const Framing& written) {
  const Framing empty{.kind = Framing::Kind::length, .length = 0};
  return read == written || (read == Framing() && written == empty);
}

bool same(const RequestHead& one, const RequestHead& other) {
  return one.method == other.method && one.method_text == other.method_text && one.path == other.path &&
         one.query == other.query && one.has_query == other.has_query && one.host == other.host &&
         one.port == other.port && one.authority == other.authority && says_the_same(one.framing, other.framing) &&
         one.expects_continue == other.expects_continue && one.accepts_trailers == other.accepts_trailers &&
         one.upgrade == other.upgrade && same(one.fields, other.fields);
}

void check_written(const RequestHead& head, const Limits& limits, const Conduct& conduct) {
  if (head.authority.empty()) return;  // HTTP/1.0 without Host: not a message that we would accept as HTTP/1.1
  const Hop hop{
      .upgrade = head.upgrade, .te_trailers = head.accepts_trailers, .expect_continue = head.expects_continue};
  std::vector<char> room(room_for(head, hop));
  const auto size = write_request_head(room, head, hop);
  require(size.has_value());
  const std::string_view written(room.data(), *size);
  require(written.ends_with("\r\n\r\n") && written.find("\r\n\r\n") == written.size() - 4);
  require(written.find('\0') == written.npos);

  Arena arena;
  RequestHead again(arena);
  Notes notes;
  const auto read = parse_request_head(written, limits, conduct, arena, again, notes);
  require(read && *read == written.size() && same(head, again) && notes == Notes());
}

void check(std::string_view bytes, const Conduct& conduct, std::size_t cut) {
  const Limits limits;
  Arena arena;
  RequestHead head(arena);
  Notes notes;
  const auto size = parse_request_head(bytes, limits, conduct, arena, head, notes);
  require(!size || *size <= bytes.size());
  require(size || !size.error().detail.empty());

  HeadScanner scanner = HeadScanner::for_head(limits);
  const std::string_view start = bytes.substr(0, cut);
  Arena start_arena;
  RequestHead start_head(start_arena);
  const auto early = parse_request_head(start, limits, conduct, start_arena, start_head, notes);
  const bool worth_it = scanner.worth_parsing(start);
  if (!early) require(!size && early.error().detail == size.error().detail);
  if (early && *early != 0) require(size && *size == *early && same(head, start_head) && worth_it);
  if (early && *early == 0 && size && *size != 0) require(scanner.worth_parsing(bytes));

  if (!size || *size == 0) return;
  // More bytes: the written head names the port and drops nothing else, so the limits of the line are not at stake.
  Limits roomier = limits;
  roomier.request_line *= 4;
  roomier.uri *= 4;
  roomier.head *= 4;
  check_written(head, roomier, conduct);
}

}  // namespace
}  // namespace sallyport::http::h1

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sallyport::http;
  using namespace sallyport::http::h1;
  if (size < 2) return 0;
  const Conduct conduct{
      .path = {.keep_encoded_slash = (data[0] & 1) != 0, .merge_slashes = (data[0] & 2) != 0},
      .underscores = static_cast<Underscores>((data[0] >> 2) % 3),
  };
  const std::string_view bytes(reinterpret_cast<const char*>(data + 2), size - 2);
  check(bytes, conduct, bytes.size() * data[1] / 256);
  return 0;
}
