// SPDX-License-Identifier: Apache-2.0
#include "sources/api_server/refusal.hpp"

#include <string_view>

#include "base/printable.hpp"
#include "base/text.hpp"
#include "sources/api_server/objects.hpp"

namespace sallyport::sources::api_server {
namespace {

constexpr std::size_t longest_message = 400;
constexpr std::size_t longest_body = std::size_t{64} << 10U;               // that is looked into
constexpr std::string_view ending_namespace = "\"NamespaceTerminating\"";  // the cause, among the details

}  // namespace

std::string refusal_text(const Result<Answer>& answer) {
  if (!answer) return answer.error().detail;
  const bool is_short = answer->body.size() <= longest_body;
  std::string message = is_short ? read_status(answer->body, answer->status).message : std::string();
  message = text::printable(std::string_view(message).substr(0, longest_message));
  return text::cat(answer->status, message.empty() ? "" : ": ", message);
}

bool is_of_ending_namespace(const Answer& answer) {
  return answer.status == 403 && answer.body.size() <= longest_body && answer.body.contains(ending_namespace);
}

}  // namespace sallyport::sources::api_server
