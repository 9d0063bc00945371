// SPDX-License-Identifier: Apache-2.0
#include "sources/api_server/refusal.hpp"

#include <string_view>

#include "base/printable.hpp"
#include "base/text.hpp"
#include "kube/json.hpp"

namespace sallyport::sources::api_server {
namespace {

constexpr std::size_t longest_message = 400;
constexpr std::size_t longest_body = std::size_t{64} << 10U;  // that is looked into

std::string message_in(std::string_view body) {
  if (body.size() > longest_body) return {};
  const auto trees = kube::parse_json(body);
  if (!trees || trees->empty()) return {};
  const auto* const message = trees->front().root()->find("message");
  const auto text = message == nullptr ? std::nullopt : message->value->string();
  return text ? text::printable(text->substr(0, longest_message)) : std::string();
}

}  // namespace

std::string refusal_text(const Result<Answer>& answer) {
  if (!answer) return answer.error().detail;
  const std::string message = message_in(answer->body);
  return text::cat(answer->status, message.empty() ? "" : ": ", message);
}

}  // namespace sallyport::sources::api_server
