// SPDX-License-Identifier: Apache-2.0
#include "filters/grpc_web_bodies.hpp"

#include <algorithm>
#include <cstdint>

#include "syntax/token.hpp"

namespace sallyport::filters {
namespace {

constexpr std::size_t prefix_size = 5;
constexpr char trailers_flag = static_cast<char>(0x80);

}  // namespace

net::Task<Result<std::string_view>> GrpcWebRequest::read() {
  for (;;) {
    if (rest_.empty()) {
      const Result<std::string_view> piece = co_await text_.read();
      if (!piece) co_return piece;
      if (piece->empty() && !decoder_.is_complete()) {
        co_return fail(Code::bad_request, "G-1", "the base64 of application/grpc-web-text is not complete");
      }
      if (piece->empty()) co_return piece;
      rest_ = *piece;
    }
    const std::size_t most = room_.size() / 3 * 4 - 4;
    const std::string_view text = rest_.substr(0, most);
    const auto size = decoder_.decode(text, room_);
    if (!size) co_return fail(Code::bad_request, "G-1", "the body of application/grpc-web-text is no base64");
    rest_.remove_prefix(text.size());
    if (*size != 0) co_return std::string_view(room_.data(), *size);
  }
}

// Never empty but at the end.
std::string_view GrpcWebResponse::encode_some() {
  while (!rest_.empty()) {
    const std::string_view bytes = rest_.substr(0, room_.size() / 4 - 2);
    rest_.remove_prefix(bytes.size());
    const std::size_t size = encoder_.encode(bytes, room_);
    if (size != 0) return {room_.data(), size};
  }
  return {};
}

// "grpc-status:0\r\n" and so on behind a prefix of its own; empty when the answer has no trailers, as when they are its
// head.
Result<std::string_view> GrpcWebResponse::trailers_message() {
  const http::Fields* const trailers = messages_->trailers();
  if (trailers == nullptr || trailers->empty()) return std::string_view();
  std::size_t size = 0;
  for (const http::Field& field : *trailers) size += field.name.size() + field.value.size() + 3;
  const std::span<char> room = arena_.text(prefix_size + size);
  if (room.empty()) return fail(Code::overloaded);
  room[0] = trailers_flag;
  for (unsigned at = 0; at < 4; ++at) {
    room[1 + at] = static_cast<char>(static_cast<unsigned char>(size >> (24 - 8 * at) & 0xffU));
  }
  char* to = room.data() + prefix_size;
  for (const http::Field& field : *trailers) {
    for (const char c : field.name) *to++ = syntax::lower(c);
    *to++ = ':';
    to = std::ranges::copy(field.value, to).out;
    *to++ = '\r';
    *to++ = '\n';
  }
  return std::string_view(room.data(), room.size());
}

net::Task<Result<std::string_view>> GrpcWebResponse::read() {
  for (;;) {
    if (is_text()) {
      const std::string_view text = encode_some();
      if (!text.empty()) co_return text;
    }
    if (ended_) co_return std::string_view();
    Result<std::string_view> piece = co_await messages_->read();
    if (!piece) co_return piece;
    if (piece->empty()) {
      ended_ = true;
      piece = trailers_message();
      if (!piece) co_return piece;
    }
    if (!is_text()) co_return piece;
    rest_ = *piece;
  }
}

}  // namespace sallyport::filters
