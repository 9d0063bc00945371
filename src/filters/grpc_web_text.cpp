// SPDX-License-Identifier: Apache-2.0
#include "filters/grpc_web_text.hpp"

namespace sallyport::filters {
namespace {

constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t none = 0xff;

constexpr std::array<std::uint8_t, 256> values_of_digits() {
  std::array<std::uint8_t, 256> values{};
  values.fill(none);
  for (std::size_t at = 0; at < digits.size(); ++at) {
    values[static_cast<unsigned char>(digits[at])] = static_cast<std::uint8_t>(at);
  }
  return values;
}
constexpr std::array<std::uint8_t, 256> values = values_of_digits();

}  // namespace

std::optional<std::size_t> GrpcWebTextDecoder::decode(std::string_view text, std::span<char> room) {
  std::size_t written = 0;
  for (const char c : text) {
    const std::uint8_t value = values[static_cast<unsigned char>(c)];
    const bool is_padding = c == '=' && digits_ >= 2;
    if ((value == none && !is_padding) || (padding_ != 0 && !is_padding)) return std::nullopt;
    group_ = group_ << 6 | (is_padding ? 0U : value);
    if (is_padding) ++padding_;
    if (++digits_ != 4) continue;
    const std::uint32_t dropped = padding_ == 0 ? 0 : group_ & (padding_ == 1 ? 0xffU : 0xffffU);
    if (dropped != 0) return std::nullopt;  // two texts for the same bytes
    for (unsigned at = 0; at < 3 - padding_; ++at) {
      room[written++] = static_cast<char>(static_cast<unsigned char>(group_ >> (16 - 8 * at) & 0xffU));
    }
    group_ = 0;
    digits_ = padding_ = 0;
  }
  return written;
}

// Follows the messages in the stream.
bool GrpcWebTextEncoder::ends_message(unsigned char byte) {
  if (in_prefix_ < prefix_size) {
    if (in_prefix_ != 0) left_ = left_ << 8 | byte;  // the first is its flags
    ++in_prefix_;
    if (in_prefix_ < prefix_size || left_ != 0) return false;
  } else if (--left_ != 0) {
    return false;
  }
  in_prefix_ = 0;
  left_ = 0;
  return true;
}

std::size_t GrpcWebTextEncoder::encode(std::string_view bytes, std::span<char> room) {
  std::size_t written = 0;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    group_[in_group_++] = byte;
    if (!ends_message(byte) && in_group_ < group_.size()) continue;
    const std::uint32_t group = static_cast<std::uint32_t>(group_[0]) << 16 |
                                static_cast<std::uint32_t>(group_[1]) << 8 | static_cast<std::uint32_t>(group_[2]);
    for (unsigned at = 0; at < 4; ++at) {
      room[written++] = at <= in_group_ ? digits[group >> (18 - 6 * at) & 0x3fU] : '=';
    }
    group_ = {};
    in_group_ = 0;
  }
  return written;
}

}  // namespace sallyport::filters
