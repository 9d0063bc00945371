// SPDX-License-Identifier: Apache-2.0
#include "commands/echo_handler.hpp"

#include <map>
#include <optional>
#include <ostream>
#include <utility>
#include <vector>

#include "base/json_writer.hpp"
#include "base/number.hpp"
#include "base/text.hpp"
#include "commands/echo_websocket.hpp"
#include "http/text_response.hpp"
#include "http/websocket.hpp"
#include "net/sleep.hpp"
#include "syntax/duration.hpp"
#include "syntax/token.hpp"

namespace sallyport::commands {
namespace {

using syntax::HeaderId;

// As Go spells names: X-Request-Id.
std::string canonical_name(std::string_view name) {
  std::string canonical(name);
  bool upper = true;
  for (char& c : canonical) {
    const char lower = syntax::lower(c);
    c = upper && lower >= 'a' && lower <= 'z' ? static_cast<char>(lower - 'a' + 'A') : lower;
    upper = c == '-';
  }
  return canonical;
}

// The first value of a query parameter, as written.
std::string_view parameter(std::string_view query, std::string_view name) {
  for (const std::string_view pair : text::split(query, '&')) {
    const auto equals = pair.find('=');
    if (equals != pair.npos && pair.substr(0, equals) == name) return pair.substr(equals + 1);
  }
  return {};
}

std::optional<std::uint16_t> status_in(std::string_view text) {
  const auto status = parse_decimal<std::uint16_t>(text);
  return status && *status >= 200 && *status <= 599 ? status : std::nullopt;
}

net::Duration delay_in(std::string_view text) { return syntax::parse_duration(text).value_or(net::Duration::zero()); }

// a:b,c:d
void set_asked_fields(http::Incoming& incoming, http::Response& response) {
  const http::Field* asked = incoming.request.head.fields.find("x-echo-set-header");
  if (asked == nullptr) return;
  syntax::for_each_list_item(asked->value, [&](std::string_view item) {
    const auto colon = item.find(':');
    if (colon == item.npos) return;
    const std::string_view name = syntax::trim_ows(item.substr(0, colon));
    const std::string_view value = syntax::trim_ows(item.substr(colon + 1));
    static_cast<void>(response.head.fields.add(incoming.arena.copy(name), incoming.arena.copy(value)));
  });
}

void write_headers(JsonWriter& json, const http::Fields& fields) {
  std::map<std::string, std::vector<std::string_view>> by_name;
  for (const http::Field& field : fields) by_name[canonical_name(field.name)].push_back(field.value);
  json.key("headers").begin_object();
  for (const auto& [name, values] : by_name) {
    json.key(name).begin_array();
    for (const std::string_view value : values) json.value(value);
    json.end_array();
  }
  json.end_object();
}

Result<http::Response> switch_to_websocket(http::Incoming& incoming) {
  const http::RequestHead& request = incoming.request.head;
  const http::Field* key = request.fields.find(HeaderId::sec_websocket_key);
  if (request.upgrade.empty() || key == nullptr)
    return http::text_response(incoming.arena, 400, "text/plain", "a WebSocket is expected here\n");
  http::Response response(incoming.arena);
  response.head.status = 101;
  response.head.reason = "Switching Protocols";
  response.head.upgrade = request.upgrade;
  const bool added =
      response.head.fields.add("Sec-WebSocket-Accept", incoming.arena.copy(http::websocket_accept(key->value)));
  response.tunnel = ArenaPtr<http::Tunnel>(incoming.arena.make<EchoWebSocket>(incoming.loop));
  if (!added || response.tunnel == nullptr) return fail(Code::overloaded);
  return response;
}

// As Go's library says it, for tests that were written against an origin made of that.
std::string_view protocol(http::Version version) {
  switch (version) {
    case http::Version::http10:
      return "HTTP/1.0";
    case http::Version::http11:
      return "HTTP/1.1";
    case http::Version::http2:
      break;
  }
  return "HTTP/2.0";
}

}  // namespace

net::Task<Result<http::Response>> EchoHandler::handle(http::Incoming& incoming) {
  const http::RequestHead& request = incoming.request.head;
  log_ << text::cat("Echoing back request made to ", request.raw_target, " to client (",
                    incoming.connection.client.text(), ")\n")
       << std::flush;
  const std::string_view path = request.path;
  if (path == "/ws") co_return switch_to_websocket(incoming);

  std::uint64_t body_bytes = 0;
  while (incoming.request.body != nullptr) {
    const Result<std::string_view> piece = co_await incoming.request.body->read();
    if (!piece) co_return Failure(piece.error());
    if (piece->empty()) break;
    body_bytes += piece->size();
  }
  const net::Duration delay = delay_in(parameter(request.query, "delay"));
  co_await net::Sleep(incoming.loop, delay);

  if (path == "/health") co_return http::text_response(incoming.arena, 200, "text/plain", "OK");
  if (path.starts_with("/status/")) {
    const auto status = status_in(path.substr(8));
    co_return http::text_response(incoming.arena, status.value_or(400), "text/plain", "");
  }
  if (path.starts_with("/retry/") || path == "/retry") co_return co_await retry(incoming);
  co_return describe(incoming, body_bytes);
}

net::Task<Result<http::Response>> EchoHandler::retry(http::Incoming& incoming) {
  const std::string_view query = incoming.request.head.query;
  const auto succeed_after = parse_decimal<std::uint64_t>(parameter(query, "succeedAfter"));
  const std::string uuid(parameter(query, "uuid"));
  if (!succeed_after || uuid.empty()) {
    co_return http::text_response(incoming.arena, 400, "text/plain", "uuid and succeedAfter are expected\n");
  }
  if (failed_.size() == most_retries) failed_.clear();
  if (failed_[uuid] >= *succeed_after) {
    failed_.erase(uuid);
    co_return describe(incoming, 0);
  }
  ++failed_[uuid];
  const net::Duration delay = delay_in(parameter(query, "delayRetry"));
  co_await net::Sleep(incoming.loop, delay);
  if (const auto status = status_in(parameter(query, "responseCode"))) {
    co_return http::text_response(incoming.arena, *status, "text/plain", "");
  }
  co_return fail(Code::client_gone);  // a reset, and no answer
}

Result<http::Response> EchoHandler::describe(http::Incoming& incoming, std::uint64_t body_bytes) {
  const http::RequestHead& request = incoming.request.head;
  std::string body;
  JsonWriter json(body, 1);
  json.begin_object();
  json.member("path", request.raw_target);
  json.member("host", request.authority);
  json.member("method", request.method_text);
  json.member("proto", protocol(request.version));
  write_headers(json, request.fields);
  json.member("httpPort", std::to_string(identity_.port));
  json.member("bodyBytes", body_bytes);
  json.member("namespace", identity_.namespace_);
  json.member("ingress", identity_.ingress);
  json.member("service", identity_.service);
  json.member("pod", identity_.pod);
  json.end_object();
  body += '\n';
  auto response = http::text_response(incoming.arena, 200, "application/json", std::move(body));
  if (response) set_asked_fields(incoming, *response);
  return response;
}

}  // namespace sallyport::commands
