// SPDX-License-Identifier: Apache-2.0
#include "filters/request_id.hpp"

#include "filters/trust.hpp"
#include "syntax/header_name.hpp"

namespace sallyport::filters {
namespace {

using syntax::HeaderId;

constexpr std::size_t longest_kept = 128;

std::string_view fresh_id(Exchange& exchange) {
  constexpr std::string_view digits = "0123456789abcdef";
  const std::span<char> room = exchange.arena().text(32);
  for (std::size_t i = 0; i < room.size(); ++i) {
    room[i] = digits[(exchange.random[i / 16] >> (i % 16 * 4)) & 0xf];
  }
  return {room.data(), room.size()};
}

}  // namespace

net::Task<Result<http::Response>> RequestId::handle(Exchange& exchange, Next next) const {
  http::Fields& fields = exchange.request().fields;
  const http::Field* given = fields.find(HeaderId::x_request_id);
  const bool keep = given != nullptr && !given->value.empty() && given->value.size() <= longest_kept &&
                    is_trusted(settings_.trusted, exchange.incoming.client.ip);
  // A copy: the field may be a filter's, and the id is logged when that may be gone.
  const std::string_view id = keep ? exchange.arena().copy(given->value) : fresh_id(exchange);
  if (id.empty() || !fields.set(HeaderId::x_request_id, id)) {
    return net::Task<Result<http::Response>>::with(fail(Code::overloaded));
  }
  exchange.log.request_id = id;
  return next(exchange);
}

}  // namespace sallyport::filters
