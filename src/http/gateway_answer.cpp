// SPDX-License-Identifier: Apache-2.0

#include "http/gateway_answer.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>

#include "base/text.hpp"
#include "http/fixed_body.hpp"
#include "http/grpc.hpp"

namespace sallyport::http {
namespace {

using syntax::HeaderId;

struct Row {
  Code code;
  Answer answer;
};

// In the order of Code, which the compiler checks below.
constexpr std::array table = {
    // clang-format off
    Row{Code::bad_request, {400, "bad_request", "Bad Request", Fault::client, true, "The request is not well-formed."}},
    Row{Code::bad_path, {400, "bad_path", "Bad Request", Fault::client, true, "The path of the request is not accepted."}},
    Row{Code::uri_too_long, {414, "uri_too_long", "URI Too Long", Fault::client, true, "The request target is too long."}},
    Row{Code::header_too_large, {431, "header_too_large", "Request Header Fields Too Large", Fault::client, true, "The head of the request is too large."}},
    Row{Code::method_not_allowed, {405, "method_not_allowed", "Method Not Allowed", Fault::client, true, "This method is not served."}},
    Row{Code::not_implemented, {501, "not_implemented", "Not Implemented", Fault::client, true, "The request asks for what is not implemented."}},
    Row{Code::version_not_supported, {505, "version_not_supported", "HTTP Version Not Supported", Fault::client, true, "This version of HTTP is not spoken here."}},
    Row{Code::expectation_failed, {417, "expectation_failed", "Expectation Failed", Fault::client, true, "The expectation of the request cannot be met."}},
    Row{Code::client_timeout, {408, "client_timeout", "Request Timeout", Fault::client, true, "The request did not arrive in time."}},
    Row{Code::client_gone, {499, "client_gone", "Client Closed Request", Fault::client, true, "The client went away."}},
    Row{Code::body_too_slow, {408, "body_too_slow", "Request Timeout", Fault::client, true, "The body of the request arrived too slowly."}},
    Row{Code::no_host, {404, "no_host", "Not Found", Fault::client, false, "This host is not served here."}},
    Row{Code::no_path, {404, "no_path", "Not Found", Fault::client, false, "Nothing is served at this path."}},
    Row{Code::misdirected, {421, "misdirected", "Misdirected Request", Fault::client, false, "This host is not served on this connection."}},
    Row{Code::outdated_connection, {421, "outdated_connection", "Misdirected Request", Fault::client, true, "What this connection was made under is not in force any more: a new one is needed."}},
    Row{Code::connect_failed, {502, "connect_failed", "Bad Gateway", Fault::upstream, false, "The service could not be reached."}},
    Row{Code::no_route, {502, "no_route", "Bad Gateway", Fault::upstream, false, "There is no way to the service from here."}},
    Row{Code::connect_timeout, {504, "connect_timeout", "Gateway Timeout", Fault::upstream, false, "The service could not be reached in time."}},
    Row{Code::upstream_timeout, {504, "upstream_timeout", "Gateway Timeout", Fault::upstream, false, "The service did not answer in time."}},
    Row{Code::upstream_reset, {502, "upstream_reset", "Bad Gateway", Fault::upstream, false, "The service closed the connection without an answer."}},
    Row{Code::upstream_malformed, {502, "upstream_malformed", "Bad Gateway", Fault::upstream, false, "The answer of the service is not well-formed."}},
    Row{Code::upstream_truncated, {502, "upstream_truncated", "Bad Gateway", Fault::upstream, false, "The answer of the service is not complete."}},
    Row{Code::upstream_untrusted, {502, "upstream_untrusted", "Bad Gateway", Fault::upstream, false, "The certificate of the service is not to be trusted."}},
    Row{Code::upstream_tls, {502, "upstream_tls", "Bad Gateway", Fault::upstream, false, "No TLS connection to the service could be made."}},
    Row{Code::upstream_no_websocket, {502, "upstream_no_websocket", "Bad Gateway", Fault::upstream, false, "The service takes no WebSocket over HTTP/2."}},
    Row{Code::name_not_found, {502, "name_not_found", "Bad Gateway", Fault::upstream, false, "The name of the service has no address."}},
    Row{Code::name_unresolved, {502, "name_unresolved", "Bad Gateway", Fault::upstream, false, "The name of the service could not be resolved."}},
    Row{Code::address_refused, {502, "address_refused", "Bad Gateway", Fault::upstream, false, "The service is at an address to which no connection is made."}},
    Row{Code::no_service, {503, "no_service", "Service Unavailable", Fault::gateway, false, "There is no service behind this path."}},
    Row{Code::no_endpoints, {503, "no_endpoints", "Service Unavailable", Fault::gateway, false, "The service has no endpoint that is ready."}},
    Row{Code::overloaded, {503, "overloaded", "Service Unavailable", Fault::gateway, true, "The gateway has too much to do."}},
    Row{Code::internal, {500, "internal", "Internal Server Error", Fault::gateway, true, "The gateway failed."}},
    Row{Code::invalid, {500, "invalid", "Internal Server Error", Fault::gateway, true, "The gateway failed."}},
    // clang-format on
};

constexpr bool is_in_order() {
  for (std::size_t at = 0; at < table.size(); ++at) {
    if (static_cast<std::size_t>(table[at].code) != at) return false;
  }
  return table.size() == static_cast<std::size_t>(Code::invalid) + 1;
}
static_assert(is_in_order(), "the table has one row for each code, in their order");

struct Phrase {
  std::uint16_t status;
  std::string_view text;
};

constexpr std::array phrases = {
    Phrase{100, "Continue"},
    Phrase{101, "Switching Protocols"},
    Phrase{200, "OK"},
    Phrase{201, "Created"},
    Phrase{202, "Accepted"},
    Phrase{203, "Non-Authoritative Information"},
    Phrase{204, "No Content"},
    Phrase{205, "Reset Content"},
    Phrase{206, "Partial Content"},
    Phrase{300, "Multiple Choices"},
    Phrase{301, "Moved Permanently"},
    Phrase{302, "Found"},
    Phrase{303, "See Other"},
    Phrase{304, "Not Modified"},
    Phrase{305, "Use Proxy"},
    Phrase{307, "Temporary Redirect"},
    Phrase{308, "Permanent Redirect"},
    Phrase{400, "Bad Request"},
    Phrase{401, "Unauthorized"},
    Phrase{402, "Payment Required"},
    Phrase{403, "Forbidden"},
    Phrase{404, "Not Found"},
    Phrase{405, "Method Not Allowed"},
    Phrase{406, "Not Acceptable"},
    Phrase{407, "Proxy Authentication Required"},
    Phrase{408, "Request Timeout"},
    Phrase{409, "Conflict"},
    Phrase{410, "Gone"},
    Phrase{411, "Length Required"},
    Phrase{412, "Precondition Failed"},
    Phrase{413, "Content Too Large"},
    Phrase{414, "URI Too Long"},
    Phrase{415, "Unsupported Media Type"},
    Phrase{416, "Range Not Satisfiable"},
    Phrase{417, "Expectation Failed"},
    Phrase{421, "Misdirected Request"},
    Phrase{422, "Unprocessable Content"},
    Phrase{426, "Upgrade Required"},
    Phrase{428, "Precondition Required"},
    Phrase{429, "Too Many Requests"},
    Phrase{431, "Request Header Fields Too Large"},
    Phrase{500, "Internal Server Error"},
    Phrase{501, "Not Implemented"},
    Phrase{502, "Bad Gateway"},
    Phrase{503, "Service Unavailable"},
    Phrase{504, "Gateway Timeout"},
    Phrase{505, "HTTP Version Not Supported"},
    Phrase{511, "Network Authentication Required"},
};
static_assert(std::ranges::is_sorted(phrases, {}, &Phrase::status));

// RFC 9110 15.5.6 wants the methods listed; these are the ones that may be served somewhere.
constexpr std::size_t longest_detail = 200;

// Details are ours, but may quote what was sent: printable ASCII only, and not much of it.
std::string shown(std::string_view detail) {
  std::string text(detail.substr(0, longest_detail));
  std::ranges::replace_if(text, [](char c) { return c < 0x20 || c > 0x7e; }, '?');
  return text;
}

// The message itself is at fault, so that its sender learns what to mend.
bool shows_detail(const Error& error, const Answer& answer) {
  return answer.fault == Fault::client && answer.closes && error.code != Code::client_gone && !error.detail.empty();
}

std::string body_for(const Error& error, const Answer& answer) {
  const std::string_view rule = error.rule;
  std::string text = text::cat(answer.status, " ", answer.word);
  if (!rule.empty()) text += text::cat(" (", rule, ")");
  text += text::cat("\n", answer.sentence, "\n");
  if (shows_detail(error, answer)) text += text::cat(shown(error.detail), "\n");
  return text;
}

}  // namespace

const Answer& answer_for(Code code) { return table[static_cast<std::size_t>(code)].answer; }

Response gateway_answer(Arena& arena, const Error& error, Method request_method) {
  const Answer& answer = answer_for(error.code);
  Response response(arena);
  response.head.status = answer.status;
  response.head.reason = answer.reason;
  response.head.keep_alive = !answer.closes;

  const std::string_view text = arena.copy(body_for(error, answer));
  response.head.framing = {.kind = Framing::Kind::length, .length = text.size()};
  // Without room in the arena the answer is bare, and still one.
  Fields& fields = response.head.fields;
  bool added = text.empty() || fields.add(HeaderId::content_type, "text/plain; charset=utf-8");
  added = added && fields.add("X-Content-Type-Options", "nosniff");
  if (answer.status == 405) added = added && fields.add(HeaderId::allow, allowed_methods);
  if (!added) fields.clear();
  if (request_method != Method::head && !text.empty()) response.body.reset(arena.make<FixedBody>(text));
  if (request_method != Method::head && response.body == nullptr) response.head.framing.length = 0;
  return response;
}

Response gateway_answer(Arena& arena, const Error& error, const RequestHead& request) {
  // Of another method a status of 200 is what caches keep and probes believe; gRPC has POST only.
  const bool is_call = request.method == Method::post;
  const std::string_view content_type = is_call ? request.fields.value(HeaderId::content_type) : std::string_view();
  if (is_grpc(content_type) || is_grpc_web(content_type)) return grpc_answer(arena, error, content_type);
  return gateway_answer(arena, error, request.method);
}

std::string_view reason_phrase(std::uint16_t status) {
  const auto row = std::ranges::lower_bound(phrases, status, {}, &Phrase::status);
  return row != phrases.end() && row->status == status ? row->text : std::string_view();
}

}  // namespace sallyport::http
