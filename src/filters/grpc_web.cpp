// SPDX-License-Identifier: Apache-2.0
#include "filters/grpc_web.hpp"

#include <string_view>
#include <utility>

#include "base/text.hpp"
#include "filters/grpc_web_bodies.hpp"
#include "http/grpc.hpp"
#include "syntax/token.hpp"

namespace sallyport::filters {
namespace {

using syntax::HeaderId;

constexpr std::string_view grpc = "application/grpc";
constexpr std::string_view web = "application/grpc-web";
constexpr std::string_view web_text = "application/grpc-web-text";
constexpr std::size_t piece_room = 4096;

bool is_text(std::string_view content_type) {
  return syntax::equals_ignore_case(content_type.substr(0, web_text.size()), web_text);
}

// "application/grpc-web" and what stands behind the other type: "+proto".
std::string_view retyped(Arena& arena, std::string_view type, std::string_view rest) {
  return rest.empty() ? type : arena.copy(text::cat(type, rest));
}

// False: the arena has no room.
bool to_grpc(Exchange& exchange, bool text) {
  http::Request& request = exchange.incoming.request;
  const std::string_view type = request.head.fields.value(HeaderId::content_type);
  const std::string_view rest = type.substr(text ? web_text.size() : web.size());
  const std::string_view becomes = retyped(exchange.arena(), grpc, rest);
  if (becomes.empty() || !request.head.fields.set(HeaderId::content_type, becomes)) return false;
  request.head.accepts_trailers = true;  // gRPC's servers ask for "te: trailers"
  if (!text || request.body == nullptr) return true;
  const std::span<char> room = exchange.arena().text(piece_room);
  auto* const body = room.empty() ? nullptr : exchange.arena().make<GrpcWebRequest>(*request.body, room);
  if (body == nullptr) return false;
  request.body = body;
  request.head.framing = {.kind = http::Framing::Kind::chunked};
  return true;
}

// An answer that is not gRPC's stays as it is: its status says enough.
bool to_grpc_web(Exchange& exchange, http::Response& response, bool text) {
  http::ResponseHead& head = response.head;
  const std::string_view type = head.fields.value(HeaderId::content_type);
  if (!http::is_grpc(type)) return true;
  const std::string_view becomes = retyped(exchange.arena(), text ? web_text : web, type.substr(grpc.size()));
  if (becomes.empty() || !head.fields.set(HeaderId::content_type, becomes)) return false;
  head.fields.remove(HeaderId::trailer);
  const bool is_empty = head.framing.kind == http::Framing::Kind::none ||
                        (head.framing.kind == http::Framing::Kind::length && head.framing.length == 0);
  if (is_empty || response.body == nullptr) return true;  // its trailers are its head
  const std::span<char> room = text ? exchange.arena().text(piece_room) : std::span<char>();
  if (text && room.empty()) return false;
  auto* const body = exchange.arena().make<GrpcWebResponse>(std::move(response.body), room, exchange.arena());
  response.body.reset(body);
  head.framing = {.kind = http::Framing::Kind::chunked};
  return body != nullptr;
}

}  // namespace

net::Task<Result<http::Response>> GrpcWeb::handle(Exchange& exchange, Next next) const {
  http::Fields& fields = exchange.request().fields;
  const std::string_view asked = fields.value(HeaderId::content_type);
  if (!http::is_grpc_web(asked)) co_return co_await next(exchange);
  const bool text = is_text(asked);
  if (!to_grpc(exchange, text)) co_return fail(Code::overloaded);
  Result<http::Response> response = co_await next(exchange);
  // An answer of ours, also in place of one that broke before its first byte, is made where the client is known by what
  // it asked.
  if (!fields.set(HeaderId::content_type, asked)) co_return fail(Code::overloaded);
  if (response && !to_grpc_web(exchange, *response, text)) co_return fail(Code::overloaded);
  co_return response;
}

}  // namespace sallyport::filters
