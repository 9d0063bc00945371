// SPDX-License-Identifier: Apache-2.0
// Frames of HTTP/2 as they are on the wire (RFC 9113 4.1, 6, 7).

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sallyport::http::h2 {

using StreamId = std::int32_t;

enum class FrameType : std::uint8_t {
  data = 0,
  headers = 1,
  priority = 2,
  rst_stream = 3,
  settings = 4,
  push_promise = 5,
  ping = 6,
  goaway = 7,
  window_update = 8,
  continuation = 9,
};

inline constexpr std::uint8_t flag_end_stream = 0x1;  // of DATA and HEADERS
inline constexpr std::uint8_t flag_ack = 0x1;         // of SETTINGS and PING
inline constexpr std::uint8_t flag_end_headers = 0x4;

enum class ErrorCode : std::uint32_t {
  no_error = 0,
  protocol_error = 1,
  internal_error = 2,
  flow_control_error = 3,
  settings_timeout = 4,
  stream_closed = 5,
  frame_size_error = 6,
  refused_stream = 7,
  cancel = 8,
  compression_error = 9,
  connect_error = 10,
  enhance_your_calm = 11,
  inadequate_security = 12,
  http_1_1_required = 13,
};

inline constexpr std::size_t frame_header_size = 9;
inline constexpr std::size_t largest_frame = frame_header_size + 16 * 1024;  // that we take, and that we send

// What a client of HTTP/2 sends first (RFC 9113 3.4).
inline constexpr std::string_view preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

struct FrameHeader {
  std::uint32_t size = 0;  // of what follows
  FrameType type = FrameType::data;
  std::uint8_t flags = 0;
  StreamId stream = 0;

  bool has(std::uint8_t flag) const { return (flags & flag) != 0; }
};

constexpr FrameHeader read_frame_header(const std::array<std::uint8_t, frame_header_size>& bytes) {
  return {.size = std::uint32_t{bytes[0]} << 16 | std::uint32_t{bytes[1]} << 8 | bytes[2],
          .type = static_cast<FrameType>(bytes[3]),
          .flags = bytes[4],
          .stream = static_cast<StreamId>(std::uint32_t{bytes[5] & 0x7FU} << 24 | std::uint32_t{bytes[6]} << 16 |
                                          std::uint32_t{bytes[7]} << 8 | bytes[8])};
}

}  // namespace sallyport::http::h2
