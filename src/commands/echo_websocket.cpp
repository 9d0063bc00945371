// SPDX-License-Identifier: Apache-2.0
#include "commands/echo_websocket.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace sallyport::commands {
namespace {

constexpr std::size_t longest_frame = 64 * 1024;
constexpr net::Duration idle{300'000};
constexpr net::Duration stall{30'000};

enum Opcode : std::uint8_t { continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

// The first frame of the bytes that have come.
struct Frame {
  std::uint8_t first = 0;  // FIN, reserved bits, opcode
  std::string payload;     // unmasked
  std::size_t size = 0;    // on the wire; 0: more is needed
  bool wrong = false;      // not masked, or too long

  Opcode opcode() const { return static_cast<Opcode>(first & 0x0f); }
};

std::uint8_t byte(std::string_view bytes, std::size_t at) { return static_cast<std::uint8_t>(bytes[at]); }

Frame first_frame(std::string_view bytes) {
  Frame frame;
  if (bytes.size() < 2) return frame;
  frame.first = byte(bytes, 0);
  std::uint64_t length = byte(bytes, 1) & 0x7f;
  frame.wrong = (byte(bytes, 1) & 0x80) == 0;
  const std::size_t length_bytes = length == 126 ? 2 : length == 127 ? 8 : 0;
  const std::size_t mask_at = 2 + length_bytes;
  if (frame.wrong || bytes.size() < mask_at + 4) return frame;
  if (length_bytes != 0) length = 0;
  for (std::size_t i = 0; i < length_bytes; ++i) length = length << 8 | byte(bytes, 2 + i);
  frame.wrong = length > longest_frame;
  if (frame.wrong || bytes.size() - mask_at - 4 < length) return frame;
  frame.size = mask_at + 4 + static_cast<std::size_t>(length);
  frame.payload = bytes.substr(mask_at + 4, static_cast<std::size_t>(length));
  for (std::size_t i = 0; i < frame.payload.size(); ++i) {
    frame.payload[i] = static_cast<char>(byte(frame.payload, i) ^ byte(bytes, mask_at + i % 4));
  }
  return frame;
}

std::string to_wire(std::uint8_t first, std::string_view payload) {
  std::string wire(1, static_cast<char>(first));
  const std::size_t size = payload.size();
  if (size < 126) {
    wire += static_cast<char>(size);
  } else {
    const bool is_long = size > 0xffff;
    wire += static_cast<char>(is_long ? 127 : 126);
    for (int shift = is_long ? 56 : 8; shift >= 0; shift -= 8) wire += static_cast<char>(size >> shift & 0xff);
  }
  wire += payload;
  return wire;
}

}  // namespace

net::Task<void> EchoWebSocket::run(http::ByteStream& client, http::TunnelTotals& totals) {
  std::string bytes;
  for (;;) {
    const Frame frame = first_frame(bytes);
    if (frame.wrong) co_return;
    if (frame.size == 0) {
      const net::IoResult<std::string_view> got = co_await client.read(loop_.now() + idle);
      if (!got || got->empty()) co_return;
      bytes.append(*got);
      totals.from_client += got->size();
      continue;
    }
    bytes.erase(0, frame.size);
    if (frame.opcode() == pong) continue;
    const bool is_ping = frame.opcode() == ping;
    const std::string reply = to_wire(is_ping ? 0x80 | pong : frame.first, frame.payload);
    const net::IoResult<void> written = co_await client.write(reply, stall);
    if (!written) co_return;
    totals.to_client += reply.size();
    if (frame.opcode() == close) {
      client.shutdown_write();
      co_return;
    }
  }
}

}  // namespace sallyport::commands
