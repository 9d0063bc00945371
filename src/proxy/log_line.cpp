// SPDX-License-Identifier: Apache-2.0
#include "proxy/log_line.hpp"

#include <array>
#include <cstdio>
#include <ctime>
#include <string_view>

#include "base/json_writer.hpp"
#include "http/gateway_answer.hpp"
#include "syntax/header_name.hpp"

namespace sallyport::proxy {
namespace {

constexpr std::size_t longest = 1024;

// "2026-11-24T12:00:00.000Z"
std::string_view write_time(std::array<char, 48>& text, WallTime time) {
  const auto milliseconds = std::chrono::floor<std::chrono::milliseconds>(time);
  const auto seconds = std::chrono::floor<std::chrono::seconds>(milliseconds);
  const std::chrono::year_month_day date{std::chrono::floor<std::chrono::days>(seconds)};
  const std::chrono::hh_mm_ss clock{milliseconds - std::chrono::floor<std::chrono::days>(seconds)};
  const int size =
      std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", static_cast<int>(date.year()),
                    static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                    static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                    static_cast<int>(clock.seconds().count()), static_cast<int>(clock.subseconds().count()));
  return {text.data(), static_cast<std::size_t>(size)};
}

void member(JsonWriter& json, std::string_view name, std::string_view text) {
  if (!text.empty()) json.member(name, text.substr(0, longest));
}

void begin(JsonWriter& json, WallTime now, const http::Incoming& incoming) {
  std::array<char, 48> time;
  json.member("time", write_time(time, now));
  std::array<char, syntax::IpAddress::text_size> address;
  json.member("client", std::string_view(address.data(), incoming.client.ip.write(address)));
}

void request(JsonWriter& json, const http::RequestHead& head) {
  member(json, "method", head.method_text);
  member(json, "host", head.host);
  member(json, "path", head.path);
  member(json, "query", head.query);
  member(json, "user_agent", head.fields.value(syntax::HeaderId::user_agent));
}

void end(JsonWriter& json, std::string& out, const http::Outcome& outcome) {
  json.member("status", outcome.status);
  json.member("received", outcome.received);
  json.member("sent", outcome.sent);
  json.member("duration_us", outcome.took.count());
  if (outcome.error) {
    json.member("error", http::answer_for(*outcome.error).word);
    member(json, "error_rule", outcome.rule);
  }
  json.end_object();
  out += '\n';
}

}  // namespace

void append_log_line(std::string& out, WallTime now, const filters::Exchange& exchange, const http::Outcome& outcome) {
  JsonWriter json(out);
  json.begin_object();
  begin(json, now, exchange.incoming);
  if (exchange.client != exchange.incoming.client.ip) json.member("client_named", exchange.client.text());
  json.member("listener", exchange.listener.id);
  request(json, exchange.incoming.request.head);
  member(json, "request_id", exchange.log.request_id);
  if (exchange.match.rule != nullptr) {
    const model::Origin& origin = exchange.match.rule->origin;
    json.key("rule").begin_object();
    json.member("kind", origin.object.kind);
    json.member("namespace", origin.object.namespace_);
    json.member("name", origin.object.name);
    json.member("field", origin.field);
    json.end_object();
  }
  member(json, "backend", exchange.log.backend);
  if (exchange.log.endpoint) json.member("endpoint", exchange.log.endpoint->text());
  if (exchange.log.attempts > 1) json.member("attempts", exchange.log.attempts);
  end(json, out, outcome);
}

void append_log_line(std::string& out, WallTime now, const http::Incoming& incoming, const http::Outcome& outcome) {
  JsonWriter json(out);
  json.begin_object();
  begin(json, now, incoming);
  end(json, out, outcome);
}

}  // namespace sallyport::proxy
