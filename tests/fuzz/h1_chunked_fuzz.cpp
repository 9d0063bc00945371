// SPDX-License-Identifier: Apache-2.0
// Chunked bodies: the same data, trailers and end however the bytes are cut; what was decoded and is written again
// decodes to the same. The first byte chooses the size of the pieces.

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "http/h1/chunked.hpp"
#include "require.hpp"

namespace sallyport::http::h1 {
namespace {

using fuzz::require;

struct Decoded {
  std::string data;
  std::string trailers;
  std::size_t consumed = 0;
  bool end = false;
  bool refused = false;

  bool operator==(const Decoded&) const = default;
};

// Also writes it again, if `written` is not null.
Decoded decode(std::string_view bytes, std::size_t piece, std::string* written) {
  const Limits limits;
  Arena arena;
  Notes notes;
  ChunkedDecoder decoder(ChunkedDecoder::Of::request, limits, arena, notes);
  Decoded all;
  while (all.consumed < bytes.size() && !all.end) {
    const std::string_view given = bytes.substr(all.consumed, piece);
    const auto step = decoder.step(given);
    if (!step) {
      all.refused = true;
      return all;
    }
    require(step->consumed <= given.size() && (step->consumed > 0 || step->end));
    require(step->data.empty() || fuzz::is_inside(step->data, given.data(), given.size()));
    require(!step->data.empty() || step->end || step->consumed == given.size());
    all.data += step->data;
    all.consumed += step->consumed;
    all.end = step->end;
    if (written != nullptr && !step->data.empty()) {
      *written += ChunkHeader(step->data.size()).text();
      *written += step->data;
      *written += chunk_end;
    }
  }
  for (const Field& field : decoder.trailers()) {
    all.trailers += std::string(field.name) + "=" + std::string(field.value) + "\n";
  }
  if (written != nullptr && all.end) {
    std::vector<char> room(limits.trailers + 5);
    const auto size = write_last_chunk(room, &decoder.trailers());
    require(size.has_value());
    written->append(room.data(), *size);
  }
  return all;
}

}  // namespace
}  // namespace sallyport::http::h1

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sallyport::http::h1;
  using sallyport::fuzz::require;
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data + 1), size - 1);
  std::string written;
  const Decoded whole = decode(bytes, bytes.size(), &written);
  const Decoded pieces = decode(bytes, std::size_t{1} + data[0], nullptr);
  require(whole.data == pieces.data);
  // Of trailers that are not complete a fault may be seen sooner or later.
  if (!whole.end && !pieces.end) return 0;
  require(whole == pieces);

  const Decoded again = decode(written, written.size(), nullptr);
  require(again.end && again.data == whole.data && again.trailers == whole.trailers);
  require(again.consumed == written.size());
  return 0;
}
