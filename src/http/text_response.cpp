// SPDX-License-Identifier: Apache-2.0
#include "http/text_response.hpp"

#include "http/gateway_answer.hpp"
#include "net/yield.hpp"

namespace sallyport::http {
namespace {

Result<Response> with_body(Arena& arena, std::uint16_t status, std::string_view content_type, Framing framing,
                           ArenaPtr<Body> body) {
  Response response(arena);
  response.head.status = status;
  response.head.reason = reason_phrase(status);
  response.head.framing = framing;
  response.body = std::move(body);
  const bool added = response.head.fields.add("Content-Type", content_type) &&
                     response.head.fields.add("X-Content-Type-Options", "nosniff");
  if (!added || response.body == nullptr) return fail(Code::overloaded);
  return response;
}

}  // namespace

net::Task<Result<std::string_view>> SlicedBody::read() {
  piece_.clear();
  while (more_ && piece_.empty()) {
    co_await net::Yield(loop_);
    more_ = source_->append_to(piece_);
  }
  co_return std::string_view(piece_);
}

Result<Response> text_response(Arena& arena, std::uint16_t status, std::string_view content_type, std::string text) {
  const Framing framing{.kind = Framing::Kind::length, .length = text.size()};
  return with_body(arena, status, content_type, framing, ArenaPtr<Body>(arena.make<TextBody>(std::move(text))));
}

Result<Response> text_response(Arena& arena, net::Loop& loop, std::uint16_t status, std::string_view content_type,
                               std::unique_ptr<TextSource> source) {
  return with_body(arena, status, content_type, {.kind = Framing::Kind::chunked},
                   ArenaPtr<Body>(arena.make<SlicedBody>(loop, std::move(source))));
}

}  // namespace sallyport::http
