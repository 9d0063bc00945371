// SPDX-License-Identifier: Apache-2.0
#include "fake_api_server/refusal.hpp"

#include "base/text.hpp"

namespace sallyport::fake_api {
namespace {

Refusal about(const Kind& kind, std::string_view name, unsigned code, std::string_view reason, std::string message) {
  return {.code = code,
          .reason = std::string(reason),
          .message = std::move(message),
          .group = kind.group,
          .resource = kind.plural,
          .name = std::string(name)};
}

}  // namespace

Json Refusal::status() const {
  Json status = Json::map();
  status["kind"] = "Status";
  status["apiVersion"] = "v1";
  status["metadata"] = Json::map();
  status["status"] = "Failure";
  status["message"] = message;
  status["reason"] = reason;
  Json details = Json::map();
  if (!name.empty()) details["name"] = name;
  if (!group.empty()) details["group"] = group;
  if (!resource.empty()) details["kind"] = resource;
  if (retry_after) details["retryAfterSeconds"] = Json::number(*retry_after);
  if (!details.members().empty()) status["details"] = std::move(details);
  status["code"] = Json::number(code);
  return status;
}

Refusal refusal_of(unsigned code) {
  switch (code) {
    case 400:
      return bad_request("the request is refused by a rule");
    case 401:
      return {.code = 401, .reason = "Unauthorized", .message = "Unauthorized"};
    case 403:
      return {.code = 403, .reason = "Forbidden", .message = "forbidden by a rule"};
    case 404:
      return no_resource();
    case 410:
      return expired("too old resource version");
    case 429:
      return {.code = 429,
              .reason = "TooManyRequests",
              .message = "the server has received too many requests and has asked us to try again later"};
    case 503:
      return {.code = 503,
              .reason = "ServiceUnavailable",
              .message = "the server is currently unable to handle the request"};
    case 504:
      return {.code = 504, .reason = "Timeout", .message = "the request was not served in time"};
    default:
      return {.code = code, .reason = "InternalError", .message = "an error on the server"};
  }
}

Refusal not_found(const Kind& kind, std::string_view name) {
  return about(kind, name, 404, "NotFound", text::cat(kind.resource(), " \"", name, "\" not found"));
}

Refusal conflict(const Kind& kind, std::string_view name, std::string_view why) {
  return about(kind, name, 409, "Conflict",
               text::cat("Operation cannot be fulfilled on ", kind.resource(), " \"", name, "\": ", why));
}

Refusal invalid_object(const Kind& kind, std::string_view name, std::string_view why) {
  const std::string of_group = kind.group.empty() ? "" : "." + kind.group;
  return about(kind, name, 422, "Invalid", text::cat(kind.name, of_group, " \"", name, "\" is invalid: ", why));
}

Refusal bad_request(std::string message) {
  return {.code = 400, .reason = "BadRequest", .message = std::move(message)};
}

Refusal no_resource() {
  return {.code = 404, .reason = "NotFound", .message = "the server could not find the requested resource"};
}

Refusal expired(std::string message) { return {.code = 410, .reason = "Expired", .message = std::move(message)}; }

Refusal too_large_revision(std::uint64_t wanted, std::uint64_t current) {
  return {.code = 504,
          .reason = "Timeout",
          .message = text::cat("Too large resource version: ", wanted, ", current: ", current),
          .retry_after = 1};
}

}  // namespace sallyport::fake_api
