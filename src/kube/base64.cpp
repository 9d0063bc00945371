// SPDX-License-Identifier: Apache-2.0

#include "kube/base64.hpp"

#include <algorithm>
#include <cstdint>

namespace sallyport::kube {
namespace {

// 64 is not a digit.
std::uint32_t digit(char c) {
  if (c >= 'A' && c <= 'Z') return static_cast<std::uint32_t>(c - 'A');
  if (c >= 'a' && c <= 'z') return static_cast<std::uint32_t>(c - 'a' + 26);
  if (c >= '0' && c <= '9') return static_cast<std::uint32_t>(c - '0' + 52);
  if (c == '+') return 62;
  return c == '/' ? 63 : 64;
}

}  // namespace

std::optional<std::size_t> decode_base64(std::string_view text, char* into) {
  std::uint32_t group = 0;
  unsigned digits = 0;   // of the group
  unsigned padding = 0;  // '=' seen; nothing but line breaks may follow
  std::size_t size = 0;
  for (const char c : text) {
    if (c == '\n' || c == '\r') continue;
    if (c == '=') {
      ++padding;
      continue;
    }
    const std::uint32_t value = digit(c);
    if (value == 64 || padding != 0) return std::nullopt;
    group = group << 6U | value;
    if (++digits < 4) continue;
    into[size++] = static_cast<char>(group >> 16U);
    into[size++] = static_cast<char>(group >> 8U);
    into[size++] = static_cast<char>(group);
    group = digits = 0;
  }
  if (digits == 0) return padding == 0 ? std::optional(size) : std::nullopt;
  if (digits == 1 || digits + padding != 4) return std::nullopt;
  group <<= 6U * padding;
  into[size++] = static_cast<char>(group >> 16U);
  if (digits == 3) into[size++] = static_cast<char>(group >> 8U);
  return size;
}

std::string encode_base64(std::string_view bytes) {
  static constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (; !bytes.empty(); bytes.remove_prefix(std::min<std::size_t>(bytes.size(), 3))) {
    const auto byte = [&](std::size_t at) -> std::uint32_t {
      return at < bytes.size() ? static_cast<unsigned char>(bytes[at]) : 0;
    };
    const std::uint32_t group = byte(0) << 16U | byte(1) << 8U | byte(2);
    text += digits[group >> 18U];
    text += digits[group >> 12U & 63U];
    text += bytes.size() > 1 ? digits[group >> 6U & 63U] : '=';
    text += bytes.size() > 2 ? digits[group & 63U] : '=';
  }
  return text;
}

}  // namespace sallyport::kube
