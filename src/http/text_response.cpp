// SPDX-License-Identifier: Apache-2.0
#include "http/text_response.hpp"

#include <utility>

#include "http/gateway_answer.hpp"

namespace sallyport::http {

Result<Response> text_response(Arena& arena, std::uint16_t status, std::string_view content_type, std::string text) {
  Response response(arena);
  response.head.status = status;
  response.head.reason = reason_phrase(status);
  response.head.framing = {.kind = Framing::Kind::length, .length = text.size()};
  response.body = ArenaPtr<Body>(arena.make<TextBody>(std::move(text)));
  const bool added = response.head.fields.add("Content-Type", content_type) &&
                     response.head.fields.add("X-Content-Type-Options", "nosniff");
  if (!added || response.body == nullptr) return fail(Code::overloaded);
  return response;
}

}  // namespace sallyport::http
