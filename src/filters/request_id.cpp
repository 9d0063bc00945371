// SPDX-License-Identifier: Apache-2.0
#include "filters/request_id.hpp"

#include <array>
#include <cstring>

#include "filters/trust.hpp"
#include "syntax/header_name.hpp"

namespace sallyport::filters {
namespace {

using syntax::HeaderId;

constexpr std::size_t longest_kept = 128;

// The two digits of each byte, the lower one first.
constexpr auto hex_pairs = [] {
  constexpr std::string_view digits = "0123456789abcdef";
  std::array<char, 512> pairs{};
  for (std::size_t byte = 0; byte < 256; ++byte) {
    pairs[2 * byte] = digits[byte & 0xf];
    pairs[2 * byte + 1] = digits[byte >> 4];
  }
  return pairs;
}();

std::string_view fresh_id(Exchange& exchange) {
  const std::span<char> room = exchange.arena().text(32);
  for (std::size_t i = 0; i < room.size(); i += 2) {
    const std::size_t byte = (exchange.random[i / 16] >> (i % 16 * 4)) & 0xff;
    std::memcpy(&room[i], &hex_pairs[2 * byte], 2);
  }
  return {room.data(), room.size()};
}

}  // namespace

net::Task<Result<http::Response>> RequestId::handle(Exchange& exchange, Next next) const {
  http::Fields& fields = exchange.request().fields;
  const http::Field* given = fields.find(HeaderId::x_request_id);
  const bool keep = given != nullptr && !given->value.empty() && given->value.size() <= longest_kept &&
                    is_trusted(settings_.trusted, exchange.incoming.connection);
  // A copy: the field may be a filter's, and the id is logged when that may be gone.
  const std::string_view id = keep ? exchange.arena().copy(given->value) : fresh_id(exchange);
  fields.remove(HeaderId::x_request_id);
  // A kept one was parsed; ours is digits.
  if (id.empty() || !fields.append(HeaderId::x_request_id, syntax::spelling_of(HeaderId::x_request_id), id)) {
    return net::Task<Result<http::Response>>::with(fail(Code::overloaded));
  }
  exchange.log.request_id = id;
  return next(exchange);
}

}  // namespace sallyport::filters
