// SPDX-License-Identifier: Apache-2.0
#include "filters/https_redirect.hpp"

#include <algorithm>
#include <initializer_list>
#include <span>

#include "base/text.hpp"
#include "http/gateway_answer.hpp"
#include "syntax/header_name.hpp"
#include "syntax/token.hpp"

namespace sallyport::filters {
namespace {

using syntax::HeaderId;

constexpr std::uint16_t status = 308;  // as 301, and the method stays (RFC 9110 15.4.9)
constexpr std::uint16_t https_port = 443;
constexpr std::string_view acme = "/.well-known/acme-challenge/";

// Who is no trusted proxy says nothing here: the listener's filters have put our own word in its place.
bool came_with_tls(Exchange& exchange) {
  const http::Field* const said = exchange.request().fields.find(HeaderId::x_forwarded_proto);
  return syntax::equals_ignore_case(said != nullptr ? said->value : exchange.scheme, "https");
}

// Empty: no room.
std::string_view joined(Arena& arena, std::initializer_list<std::string_view> parts) {
  std::size_t size = 0;
  for (const std::string_view part : parts) size += part.size();
  const std::span<char> room = arena.text(size);
  if (room.empty()) return {};
  auto at = room.begin();
  for (const std::string_view part : parts) at = std::ranges::copy(part, at).out;
  return {room.data(), room.size()};
}

}  // namespace

net::Task<Result<http::Response>> HttpsRedirect::handle(Exchange& exchange, Next next) const {
  const http::RequestHead& request = exchange.request();
  const bool stays = came_with_tls(exchange) || request.path.starts_with(acme) || request.host.empty();
  return stays ? next(exchange) : net::Task<Result<http::Response>>::with(redirect(exchange));
}

Result<http::Response> HttpsRedirect::redirect(Exchange& exchange) const {
  http::Response response(exchange.arena());
  response.head.status = status;
  response.head.reason = http::reason_phrase(status);
  response.head.framing = {.kind = http::Framing::Kind::length, .length = 0};
  const std::string_view to = location(exchange);
  if (to.empty() || !response.head.fields.add("Location", to)) return fail(Code::overloaded);
  return response;
}

// The path as it came, but for what makes it canonical; a run of slashes stays.
std::string_view HttpsRedirect::location(Exchange& exchange) const {
  const http::RequestHead& request = exchange.request();
  const bool called_bound = request.port != 0 && request.port == settings_.bound_http;
  const bool is_known = called_bound && settings_.bound_https != 0;
  const std::uint16_t port = is_known ? settings_.bound_https : https_port;
  const text::Piece digits(port);
  const bool is_usual = port == https_port;
  const std::string_view path = request.unmerged_path.empty() ? request.path : request.unmerged_path;
  return joined(exchange.arena(), {"https://", request.host, is_usual ? "" : ":", is_usual ? "" : digits.view(), path,
                                   request.has_query ? "?" : "", request.query});
}

}  // namespace sallyport::filters
