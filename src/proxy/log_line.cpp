// SPDX-License-Identifier: Apache-2.0
#include "proxy/log_line.hpp"

#include <algorithm>
#include <array>
#include <ctime>
#include <string_view>

#include "base/json_writer.hpp"
#include "http/gateway_answer.hpp"
#include "syntax/header_name.hpp"

namespace sallyport::proxy {
namespace {

constexpr std::size_t longest = 1024;

void write_digits(char* to, unsigned number, int digits) {
  for (int at = digits - 1; at >= 0; --at, number /= 10) to[at] = static_cast<char>('0' + number % 10);
}

// "2026-11-24T12:00:00.000Z"
std::array<char, 24> make_time_text(WallTime time) {
  const auto milliseconds = std::chrono::floor<std::chrono::milliseconds>(time);
  const auto seconds = std::chrono::floor<std::chrono::seconds>(milliseconds);
  const std::chrono::year_month_day date{std::chrono::floor<std::chrono::days>(seconds)};
  const std::chrono::hh_mm_ss clock{milliseconds - std::chrono::floor<std::chrono::days>(seconds)};
  std::array<char, 24> text;
  std::ranges::copy(std::string_view("0000-00-00T00:00:00.000Z"), text.begin());
  write_digits(&text[0], static_cast<unsigned>(static_cast<int>(date.year())), 4);
  write_digits(&text[5], static_cast<unsigned>(date.month()), 2);
  write_digits(&text[8], static_cast<unsigned>(date.day()), 2);
  write_digits(&text[11], static_cast<unsigned>(clock.hours().count()), 2);
  write_digits(&text[14], static_cast<unsigned>(clock.minutes().count()), 2);
  write_digits(&text[17], static_cast<unsigned>(clock.seconds().count()), 2);
  write_digits(&text[20], static_cast<unsigned>(clock.subseconds().count()), 3);
  return text;
}

// The clock is read once a turn, and lines of one turn follow each other.
std::string_view time_text(WallTime time) {
  struct Last {
    WallTime time;
    std::array<char, 24> text;
  };
  thread_local Last last{time, make_time_text(time)};
  if (last.time != time) last = {time, make_time_text(time)};
  return {last.text.data(), last.text.size()};
}

void member(JsonWriter& json, PlainName name, std::string_view text) {
  if (!text.empty()) json.member(name, text.substr(0, longest));
}

void member(JsonWriter& json, PlainName name, const syntax::IpAddress& address) {
  std::array<char, syntax::IpAddress::text_size> room;
  json.member(name, std::string_view(room.data(), address.write(room)));
}

std::string_view protocol_of(const http::Incoming& incoming) {
  if (incoming.connection.protocol == http::Version::http2) return "HTTP/2.0";
  return incoming.request.head.version == http::Version::http10 ? "HTTP/1.0" : "HTTP/1.1";
}

void begin(JsonWriter& json, WallTime now, const http::ConnectionFacts& connection, const syntax::IpAddress& client) {
  json.member("time", time_text(now));
  member(json, "client", client);
  if (client != connection.peer.ip) member(json, "peer", connection.peer.ip);
}

void begin(JsonWriter& json, WallTime now, const http::Incoming& incoming, const syntax::IpAddress& client) {
  begin(json, now, incoming.connection, client);
  json.member("protocol", protocol_of(incoming));
  const net::tls::Facts* const tls = incoming.connection.tls;
  if (tls == nullptr) return;
  json.member("tls", tls->version);
  member(json, "server_name", tls->server_name);
  if (tls->client == nullptr) return;
  json.key("client_certificate").begin_object();
  member(json, "subject", tls->client->subject);
  json.member("fingerprint", tls->client->fingerprint);
  json.end_object();
}

// The path is the client's, whatever the upstream was asked for.
void request(JsonWriter& json, const http::RequestHead& head, const filters::LogRecord& log) {
  member(json, "method", head.method_text);
  member(json, "host", head.host);
  member(json, "path", log.path.empty() ? head.path : log.path);
  member(json, "query", head.query);
  member(json, "user_agent", head.fields.value(syntax::HeaderId::user_agent));
}

void end(JsonWriter& json, std::string& out, const http::Outcome& outcome, std::optional<http::GrpcStatus> grpc) {
  json.member("status", outcome.status);
  if (grpc) json.member("grpc_status", static_cast<unsigned>(*grpc));
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
  begin(json, now, exchange.incoming, exchange.client);
  json.member("listener", exchange.listener.id);
  request(json, exchange.incoming.request.head, exchange.log);
  member(json, "request_id", exchange.log.request_id);
  if (!exchange.log.rule.empty()) json.key("rule").written(exchange.log.rule);
  member(json, "backend", exchange.log.backend);
  if (exchange.log.endpoint) {
    std::array<char, syntax::SocketAddress::text_size> room;
    json.member("endpoint", std::string_view(room.data(), exchange.log.endpoint->write(room)));
  }
  if (exchange.log.attempts > 1) json.member("attempts", exchange.log.attempts);
  end(json, out, outcome, exchange.log.grpc_status);
}

void append_log_line(std::string& out, WallTime now, const http::Incoming& incoming, const http::Outcome& outcome,
                     std::optional<http::GrpcStatus> grpc_status) {
  JsonWriter json(out);
  json.begin_object();
  begin(json, now, incoming, incoming.connection.client.ip);
  end(json, out, outcome, grpc_status);
}

void append_log_line(std::string& out, WallTime now, const FailedHandshake& failed) {
  JsonWriter json(out);
  json.begin_object();
  begin(json, now, failed.facts, failed.facts.client.ip);
  json.member("listener", failed.listener);
  member(json, "server_name", failed.server_name);
  json.member("status", 0);
  json.member("error", "handshake_failed");
  json.member("error_rule", net::tls::word(failed.why.reason));
  member(json, "detail", failed.why.detail);
  json.end_object();
  out += '\n';
}

}  // namespace sallyport::proxy
