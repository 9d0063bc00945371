// SPDX-License-Identifier: Apache-2.0
#include "fake_api_server/answers.hpp"

#include <utility>

#include "http/gateway_answer.hpp"
#include "http/text_response.hpp"

namespace sallyport::fake_api {

Result<http::Response> json_answer(http::Incoming& incoming, unsigned status, std::string text,
                                   std::string_view content_type) {
  return http::text_response(incoming.arena, static_cast<std::uint16_t>(status), content_type, std::move(text));
}

Result<http::Response> refused_answer(http::Incoming& incoming, const Refusal& refusal) {
  auto response = json_answer(incoming, refusal.code, refusal.status().written());
  if (response && refusal.retry_after && !add_retry_after(incoming, *response, *refusal.retry_after)) {
    return fail(Code::overloaded);
  }
  return response;
}

Result<http::Response> no_page(http::Incoming& incoming) {
  return http::text_response(incoming.arena, 404, "text/plain; charset=utf-8", "404 page not found\n");
}

Result<http::Response> stream_answer(http::Incoming& incoming, ArenaPtr<http::Body> body) {
  http::Response response(incoming.arena);
  response.head.status = 200;
  response.head.reason = http::reason_phrase(200);
  response.head.framing = {.kind = http::Framing::Kind::chunked};
  response.body = std::move(body);
  if (response.body == nullptr || !response.head.fields.add("Content-Type", json_type)) return fail(Code::overloaded);
  return response;
}

bool add_retry_after(http::Incoming& incoming, http::Response& response, std::uint64_t seconds) {
  return response.head.fields.add("Retry-After", incoming.arena.copy(std::to_string(seconds)));
}

net::Task<Result<std::string>> read_all(http::Incoming& incoming) {
  std::string all;
  while (incoming.request.body != nullptr) {
    const Result<std::string_view> piece = co_await incoming.request.body->read();
    if (!piece) co_return Failure(piece.error());
    if (piece->empty()) break;
    all += *piece;
  }
  co_return all;
}

}  // namespace sallyport::fake_api
