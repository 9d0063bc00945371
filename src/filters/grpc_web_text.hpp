// SPDX-License-Identifier: Apache-2.0
// The base64 of application/grpc-web-text, piece by piece. Several padded texts may follow each other: a sender ends
// one whenever it has no more to say for now, and so do we behind every message. Pure.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace sallyport::filters {

class GrpcWebTextDecoder {
 public:
  // For so much text.
  static constexpr std::size_t room_for(std::size_t text) { return (text + 3) / 4 * 3; }

  // The bytes written to `room`, which has room_for(text.size()); nothing when the text is no base64.
  std::optional<std::size_t> decode(std::string_view text, std::span<char> room);

  // The text may end here.
  bool is_complete() const { return digits_ == 0; }

 private:
  std::uint32_t group_ = 0;
  unsigned digits_ = 0;   // of the group so far, padding included
  unsigned padding_ = 0;  // among them
};

class GrpcWebTextEncoder {
 public:
  // For so many bytes: every byte may end a message of its own.
  static constexpr std::size_t room_for(std::size_t bytes) { return (bytes + 2) * 4; }

  // The text of these bytes of the stream of messages, written to `room`, which has room_for(bytes.size()). One or two
  // bytes may wait for those that follow, but none of a message that is complete.
  std::size_t encode(std::string_view bytes, std::span<char> room);

 private:
  // 5 bytes before a message: flags, and its length (gRPC's Length-Prefixed-Message).
  static constexpr std::size_t prefix_size = 5;

  bool ends_message(unsigned char byte);

  std::array<unsigned char, 3> group_{};
  std::size_t in_group_ = 0;
  std::size_t in_prefix_ = 0;
  std::uint32_t left_ = 0;  // of the message, once its prefix is there
};

}  // namespace sallyport::filters
