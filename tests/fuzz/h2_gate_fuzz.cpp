// SPDX-License-Identifier: Apache-2.0
// The gate before an HTTP/2 session: it lets through whole what it lets through, frame by frame, and says the same
// however the bytes are cut. The first byte says how.

#include <array>
#include <cstdint>
#include <set>
#include <string_view>
#include <vector>

#include "http/h2/frame_gate.hpp"
#include "require.hpp"
#include "text_parts.hpp"

namespace sallyport::http::h2 {
namespace {

using fuzz::require;

// Streams are open from the first frame on; of all others a fifth is.
struct SomeStreams final : FrameGate::Streams {
  bool is_open(StreamId stream) const override { return stream % 5 == 1; }
};

struct Verdict {
  std::size_t passed = 0;
  ErrorCode error = ErrorCode::no_error;

  bool operator==(const Verdict&) const = default;
};

// Where the frames of `bytes` end, told by their headers alone.
std::set<std::size_t> ends_of(std::string_view bytes, std::size_t at) {
  std::set<std::size_t> ends = {at};
  while (bytes.size() - at >= frame_header_size) {
    std::array<std::uint8_t, frame_header_size> header;
    for (std::size_t i = 0; i < header.size(); ++i) header[i] = static_cast<std::uint8_t>(bytes[at + i]);
    const std::size_t size = frame_header_size + read_frame_header(header).size;
    if (bytes.size() - at < size) break;
    at += size;
    ends.insert(at);
  }
  return ends;
}

Verdict pass_all(bool is_server, std::string_view bytes, std::size_t cut, const std::set<std::size_t>& ends) {
  const Limits limits;
  const Http2Settings settings;
  const SomeStreams streams;
  FrameGate gate(is_server, limits, settings, streams);
  Verdict verdict;
  net::Time now{};
  while (verdict.passed < bytes.size()) {
    const std::size_t size = gate.pass(bytes.substr(verdict.passed, cut), now);
    if (size == 0) {
      verdict.error = gate.refusal().error;
      require(verdict.error != ErrorCode::no_error);
      // What of its header has come before is let through: the session makes nothing of it.
      verdict.passed = *std::prev(ends.upper_bound(verdict.passed));
      return verdict;
    }
    require(size <= cut && size <= bytes.size() - verdict.passed);
    const auto next_end = ends.upper_bound(verdict.passed);
    if (next_end != ends.end()) require(verdict.passed + size <= *next_end);
    verdict.passed += size;
  }
  return verdict;
}

}  // namespace
}  // namespace sallyport::http::h2

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sallyport::http::h2;
  using sallyport::fuzz::require;
  if (size == 0) return 0;
  const bool is_server = data[0] % 2 == 0;
  const std::size_t cut = data[0] / 2 + 1U;
  const std::string_view bytes = sallyport::fuzz::whole_text(data + 1, size - 1);
  const auto ends = ends_of(bytes, is_server ? std::min(preface.size(), bytes.size()) : 0);
  require(pass_all(is_server, bytes, bytes.size() + 1, ends) == pass_all(is_server, bytes, cut, ends));
  return 0;
}
