// SPDX-License-Identifier: Apache-2.0
#include "filters/forwarded_headers.hpp"

#include <charconv>
#include <cstring>

#include "filters/trust.hpp"
#include "syntax/header_name.hpp"
#include "syntax/token.hpp"

namespace sallyport::filters {
namespace {

using syntax::HeaderId;

// The request id is another filter's to judge.
bool is_claim(const http::Field& field) {
  if (field.id == HeaderId::other) return syntax::is_client_claim_name(field.name);  // in another spelling
  return field.id != HeaderId::x_request_id && syntax::is_client_claim(field.id);
}

std::string_view port_text(Arena& arena, std::uint16_t port) {
  const std::span<char> room = arena.text(5);
  if (room.empty()) return {};
  const auto end = std::to_chars(room.data(), room.data() + room.size(), port).ptr;
  return {room.data(), static_cast<std::size_t>(end - room.data())};
}

std::string_view address_text(Arena& arena, const syntax::IpAddress& address) {
  const std::span<char> room = arena.text(syntax::IpAddress::text_size);
  if (room.empty()) return {};
  return {room.data(), address.write(room.first<syntax::IpAddress::text_size>())};
}

// What the client connected to, as it calls it: a port map of ours and of whoever brought it here is undone.
std::uint16_t port_of(const Exchange& exchange) {
  const http::ConnectionFacts& connection = exchange.incoming.connection;
  const bool is_named = connection.client_source == http::ClientSource::proxy_header && connection.local.port != 0;
  return is_named ? connection.local.port : exchange.listener.port;
}

// REQUIRES: the value is made of what a field may hold: it is ours, or was parsed.
bool set_if_missing(http::Fields& fields, HeaderId id, std::string_view value) {
  return fields.find(id) != nullptr || (!value.empty() && fields.append(id, syntax::spelling_of(id), value));
}

}  // namespace

net::Task<Result<http::Response>> ForwardedHeaders::handle(Exchange& exchange, Next next) const {
  if (!tell(exchange)) return net::Task<Result<http::Response>>::with(fail(Code::overloaded));
  return next(exchange);
}

// False: the arena of this request is full.
bool ForwardedHeaders::tell(Exchange& exchange) const {
  http::RequestHead& request = exchange.request();
  http::Fields& fields = request.fields;
  const bool trusted = is_trusted(settings_.trusted, exchange.incoming.connection);
  if (!trusted) fields.remove_if(is_claim);
  return tell_chain(exchange) && set_if_missing(fields, HeaderId::x_forwarded_proto, exchange.scheme) &&
         (request.authority.empty() || set_if_missing(fields, HeaderId::x_forwarded_host, request.authority)) &&
         set_if_missing(fields, HeaderId::x_forwarded_port, port_text(exchange.arena(), port_of(exchange)));
}

// What came, and who brought it.
bool ForwardedHeaders::tell_chain(Exchange& exchange) const {
  http::Fields& fields = exchange.request().fields;
  const http::ConnectionFacts& connection = exchange.incoming.connection;
  exchange.client = client_in(fields, connection);
  std::string_view chain = address_text(exchange.arena(), connection.client.ip);
  if (chain.empty()) return false;
  std::size_t size = chain.size();
  for (const http::Field& field : fields) {
    if (field.id == HeaderId::x_forwarded_for) size += field.value.size() + 2;
  }
  if (size != chain.size()) {
    const std::span<char> room = exchange.arena().text(size);
    if (room.empty()) return false;
    char* at = room.data();
    for (const http::Field& field : fields) {
      if (field.id != HeaderId::x_forwarded_for) continue;
      std::memcpy(at, field.value.data(), field.value.size());
      at += field.value.size();
      *at++ = ',';
      *at++ = ' ';
    }
    std::memcpy(at, chain.data(), chain.size());
    chain = {room.data(), room.size()};
  }
  fields.remove(HeaderId::x_forwarded_for);
  return fields.append(HeaderId::x_forwarded_for, syntax::spelling_of(HeaderId::x_forwarded_for), chain);
}

// From the nearest on: the first address that is not a trusted proxy's. A hop that is no address ends the search.
syntax::IpAddress ForwardedHeaders::client_in(const http::Fields& fields,
                                              const http::ConnectionFacts& connection) const {
  syntax::IpAddress nearest = connection.client.ip;
  if (!is_trusted(settings_.trusted, connection)) return nearest;
  for (const http::Field* field = fields.end(); field != fields.begin();) {
    --field;
    if (field->id != HeaderId::x_forwarded_for) continue;
    std::string_view hops = field->value;
    while (!hops.empty()) {
      if (!is_trusted(settings_.trusted, nearest)) return nearest;
      const std::size_t comma = hops.rfind(',');
      const std::string_view hop = syntax::trim_ows(comma == hops.npos ? hops : hops.substr(comma + 1));
      hops = comma == hops.npos ? std::string_view() : hops.substr(0, comma);
      const auto address = syntax::IpAddress::parse(hop);
      if (!address) return nearest;
      nearest = *address;
    }
  }
  return nearest;
}

}  // namespace sallyport::filters
