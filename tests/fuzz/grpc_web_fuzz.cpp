// SPDX-License-Identifier: Apache-2.0
// What a browser sends as gRPC-Web, and its answer: the first byte says in what pieces, the rest is the text of a
// request and the stream of messages of an answer. Pieces never matter; no message that is whole is held back; and what
// was encoded is decoded to itself. The rest is also a timeout and a Content-Type.

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "filters/grpc_web_text.hpp"
#include "http/grpc.hpp"
#include "require.hpp"
#include "text_parts.hpp"

namespace {

using namespace sallyport;
using fuzz::require;

struct Decoded {
  std::string bytes;
  bool good = true;
  bool complete = false;

  bool operator==(const Decoded&) const = default;
};

Decoded decode(std::string_view text, std::size_t piece) {
  filters::GrpcWebTextDecoder decoder;
  Decoded all;
  for (; !text.empty(); text.remove_prefix(std::min(piece, text.size()))) {
    const std::string_view some = text.substr(0, piece);
    std::vector<char> room(filters::GrpcWebTextDecoder::room_for(some.size() + 3));
    const auto size = decoder.decode(some, room);
    if (!size) return {.bytes = {}, .good = false};
    require(*size <= room.size());
    all.bytes.append(room.data(), *size);
  }
  all.complete = decoder.is_complete();
  return all;
}

std::string encode(std::string_view bytes, std::size_t piece) {
  filters::GrpcWebTextEncoder encoder;
  std::string all;
  for (; !bytes.empty(); bytes.remove_prefix(std::min(piece, bytes.size()))) {
    const std::string_view some = bytes.substr(0, piece);
    std::vector<char> room(filters::GrpcWebTextEncoder::room_for(some.size()));
    const std::size_t size = encoder.encode(some, room);
    require(size <= room.size());
    all.append(room.data(), size);
  }
  return all;
}

// How many bytes of the stream are whole messages.
std::size_t whole_messages(std::string_view bytes) {
  std::size_t whole = 0;
  while (bytes.size() - whole >= 5) {
    std::uint64_t length = 0;
    for (std::size_t at = 1; at < 5; ++at) length = length << 8 | static_cast<std::uint8_t>(bytes[whole + at]);
    if (bytes.size() - whole - 5 < length) break;
    whole += 5 + static_cast<std::size_t>(length);
  }
  return whole;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t piece = data[0] % 64 + 1U;
  const std::string_view rest = fuzz::whole_text(data + 1, size - 1);

  const Decoded whole = decode(rest, rest.size() + 1);
  require(decode(rest, piece) == whole);
  require(whole.bytes.size() <= filters::GrpcWebTextDecoder::room_for(rest.size()));

  const std::string text = encode(rest, piece);
  require(text == encode(rest, rest.size() + 1));
  const Decoded back = decode(text, piece);
  require(back.good && back.complete && rest.starts_with(back.bytes) && rest.size() - back.bytes.size() < 3);
  require(back.bytes.size() >= whole_messages(rest));

  const auto timeout = http::grpc_timeout(rest);
  if (timeout) require(rest.size() <= 9 && timeout->count() >= 0);
  require(!http::is_grpc(rest) || !http::is_grpc_web(rest));
  return 0;
}
