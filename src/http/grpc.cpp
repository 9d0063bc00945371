// SPDX-License-Identifier: Apache-2.0
#include "http/grpc.hpp"

#include <algorithm>
#include <array>
#include <chrono>

#include "base/number.hpp"
#include "base/text.hpp"
#include "http/gateway_answer.hpp"
#include "syntax/token.hpp"

namespace sallyport::http {
namespace {

using syntax::HeaderId;

constexpr std::size_t longest_timeout = 8;  // digits
// Beyond it a point in time could not be told any more.
constexpr net::Duration as_good_as_none = std::chrono::hours(24 * 366);

// The numbers as they go out.
constexpr std::array<std::string_view, grpc_status_count> numbers = {"0", "1",  "2",  "3",  "4",  "5",  "6",  "7", "8",
                                                                     "9", "10", "11", "12", "13", "14", "15", "16"};

constexpr std::array<std::string_view, grpc_status_count> names = {
    "OK",        "CANCELLED",      "UNKNOWN",           "INVALID_ARGUMENT",   "DEADLINE_EXCEEDED",
    "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION",
    "ABORTED",   "OUT_OF_RANGE",   "UNIMPLEMENTED",     "INTERNAL",           "UNAVAILABLE",
    "DATA_LOSS", "UNAUTHENTICATED"};

bool is_type(std::string_view content_type, std::string_view type) {
  if (content_type.size() < type.size()) return false;
  if (!syntax::equals_ignore_case(content_type.substr(0, type.size()), type)) return false;
  const std::string_view rest = content_type.substr(type.size());
  return rest.empty() || rest[0] == '+' || rest[0] == ';' || rest[0] == ' ' || rest[0] == '\t';
}

}  // namespace

bool is_grpc(std::string_view content_type) { return is_type(content_type, "application/grpc"); }

bool is_grpc_web(std::string_view content_type) {
  return is_type(content_type, "application/grpc-web") || is_type(content_type, "application/grpc-web-text");
}

std::string_view name_of(GrpcStatus status) { return names[static_cast<std::size_t>(status)]; }

GrpcStatus grpc_status_in(std::string_view value) {
  const auto found = std::ranges::find(numbers, value);
  return found == numbers.end() ? GrpcStatus::unknown : static_cast<GrpcStatus>(found - numbers.begin());
}

bool is_servers_fault(GrpcStatus status) {
  switch (status) {
    case GrpcStatus::unknown:
    case GrpcStatus::deadline_exceeded:
    case GrpcStatus::unimplemented:
    case GrpcStatus::internal:
    case GrpcStatus::unavailable:
    case GrpcStatus::data_loss:
      return true;
    default:
      return false;
  }
}

GrpcStatus grpc_status_of(std::uint16_t http_status) {
  switch (http_status) {
    case 400:
      return GrpcStatus::internal;
    case 401:
      return GrpcStatus::unauthenticated;
    case 403:
      return GrpcStatus::permission_denied;
    case 404:
      return GrpcStatus::unimplemented;
    case 429:
    case 502:
    case 503:
    case 504:
      return GrpcStatus::unavailable;
    default:
      return GrpcStatus::unknown;
  }
}

// Where we know more than the status says.
GrpcStatus grpc_status_for(Code code) {
  switch (code) {
    case Code::upstream_timeout:
      return GrpcStatus::deadline_exceeded;
    case Code::header_too_large:
    case Code::uri_too_long:
      return GrpcStatus::resource_exhausted;
    case Code::method_not_allowed:
    case Code::not_implemented:
      return GrpcStatus::unimplemented;
    case Code::client_timeout:
    case Code::body_too_slow:
    case Code::client_gone:
      return GrpcStatus::cancelled;
    case Code::outdated_connection:
      return GrpcStatus::unavailable;  // a new connection mends it, which this makes clients try
    case Code::internal:
    case Code::invalid:
      return GrpcStatus::internal;
    default:
      return grpc_status_of(answer_for(code).status);
  }
}

std::optional<net::Duration> grpc_timeout(std::string_view value) {
  if (value.size() < 2 || value.size() > longest_timeout + 1) return std::nullopt;
  const auto parsed = parse_decimal<std::uint64_t>(value.substr(0, value.size() - 1));
  if (!parsed) return std::nullopt;
  const auto number = static_cast<std::int64_t>(*parsed);  // eight digits: an hour of each is far from the largest
  const auto at_most = [](std::int64_t milliseconds) { return std::min(net::Duration(milliseconds), as_good_as_none); };
  switch (value.back()) {
    case 'H':
      return at_most(number * 3'600'000);
    case 'M':
      return at_most(number * 60'000);
    case 'S':
      return at_most(number * 1'000);
    case 'm':
      return at_most(number);
    case 'u':
      return net::Duration((number + 999) / 1'000);
    case 'n':
      return net::Duration((number + 999'999) / 1'000'000);
    default:
      return std::nullopt;
  }
}

// The text is of our table, so nothing of it has to be percent-encoded.
Response grpc_answer(Arena& arena, const Error& error, std::string_view content_type) {
  const Answer& answer = answer_for(error.code);
  Response response(arena);
  response.head.status = 200;
  response.head.reason = "OK";
  response.head.keep_alive = !answer.closes;
  response.head.framing = {.kind = Framing::Kind::length, .length = 0};
  const auto number = static_cast<std::size_t>(grpc_status_for(error.code));
  Fields& fields = response.head.fields;
  // Without room for them all, those go out that there is room for: the status is one of them.
  const std::string_view message = arena.copy(text::cat(answer.word, ": ", answer.sentence));
  static_cast<void>(fields.add(HeaderId::grpc_status, numbers[number]) &&
                    fields.add(HeaderId::content_type, content_type) && fields.add(HeaderId::grpc_message, message));
  return response;
}

}  // namespace sallyport::http
