// SPDX-License-Identifier: Apache-2.0
// Responses of the fake API server: JSON documents, refusals, texts. An error is that the arena has no room.

#pragma once

#include <string>
#include <string_view>

#include "fake_api_server/refusal.hpp"
#include "http/incoming.hpp"

namespace sallyport::fake_api {

inline constexpr std::string_view json_type = "application/json";

// `content_type` is a literal.
Result<http::Response> json_answer(http::Incoming& incoming, unsigned status, std::string text,
                                   std::string_view content_type = json_type);
Result<http::Response> refused_answer(http::Incoming& incoming, const Refusal& refusal);
// Of a path behind which nothing is served.
Result<http::Response> no_page(http::Incoming& incoming);
// 200, with a body of no known length.
Result<http::Response> stream_answer(http::Incoming& incoming, ArenaPtr<http::Body> body);
[[nodiscard]] bool add_retry_after(http::Incoming& incoming, http::Response& response, std::uint64_t seconds);

// All of a request's body.
net::Task<Result<std::string>> read_all(http::Incoming& incoming);

}  // namespace sallyport::fake_api
