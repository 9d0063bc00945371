// SPDX-License-Identifier: Apache-2.0
#include "proxy/tunnel.hpp"

#include "net/yield.hpp"

namespace sallyport::proxy {

net::Task<bool> TunnelRelay::relay(http::ByteStream& from, http::ByteStream& to, std::uint64_t& total) {
  constexpr unsigned pieces_a_turn = 16;
  for (unsigned pieces = 1;; ++pieces) {
    if (pieces % pieces_a_turn == 0) co_await net::Yield(loop_);
    net::IoResult<std::string_view> piece;
    do {
      piece = co_await from.read(last_byte_ + patience_.idle);
      // The other direction may have had bytes meanwhile.
    } while (!piece && piece.error() == net::IoError::timeout && loop_.now() < last_byte_ + patience_.idle);
    if (!piece) co_return false;
    if (piece->empty()) break;
    last_byte_ = loop_.now();
    total += piece->size();
    const net::IoResult<void> written = co_await to.write(*piece, patience_.stall);
    if (!written) co_return false;
  }
  to.shutdown_write();
  co_return true;
}

net::Task<bool> TunnelRelay::relay_to_client() {
  const bool clean = co_await relay(upstream_, client_, totals_.to_client);
  if (!clean) client_.interrupt();
  co_return clean;
}

net::Task<void> TunnelRelay::run() {
  last_byte_ = loop_.now();
  net::Beside<bool> down(relay_to_client());
  const bool clean = co_await relay(client_, upstream_, totals_.from_client);
  if (clean) co_await down;
}

}  // namespace sallyport::proxy
