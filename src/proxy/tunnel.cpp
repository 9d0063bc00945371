// SPDX-License-Identifier: Apache-2.0
#include "proxy/tunnel.hpp"

#include "net/buffer_pool.hpp"
#include "net/yield.hpp"

namespace sallyport::proxy {

net::Task<bool> TunnelRelay::relay(net::Socket& from, net::Socket& to, std::string_view first, std::uint64_t& total) {
  constexpr unsigned pieces_a_turn = 16;
  const net::Buffer buffer = from.loop().buffers().take(net::BufferPool::small, ledger_);
  if (!buffer) co_return false;
  std::string_view piece = first;
  for (unsigned pieces = 1;; ++pieces) {
    total += piece.size();
    const net::IoResult<void> written = co_await to.write(piece, std::string_view(), patience_.stall);
    if (!written) co_return false;
    if (pieces % pieces_a_turn == 0) co_await net::Yield(from.loop());
    net::IoResult<std::size_t> got = 0;
    do {
      got = co_await from.read(buffer.span(), last_byte_ + patience_.idle);
      // The other direction may have had bytes meanwhile.
    } while (!got && got.error() == net::IoError::timeout && from.loop().now() < last_byte_ + patience_.idle);
    if (!got) co_return false;
    if (*got == 0) break;
    last_byte_ = from.loop().now();
    piece = std::string_view(buffer.data(), *got);
  }
  to.shutdown_write();
  co_return true;
}

net::Task<bool> TunnelRelay::relay_to_client(std::string_view first) {
  const bool clean = co_await relay(upstream_, client_, first, totals_.to_client);
  if (!clean) client_.interrupt();
  co_return clean;
}

net::Task<void> TunnelRelay::run(std::string_view from_client, std::string_view from_upstream) {
  last_byte_ = client_.loop().now();
  net::Beside<bool> down(relay_to_client(from_upstream));
  const bool clean = co_await relay(client_, upstream_, from_client, totals_.from_client);
  if (clean) co_await down;
}

}  // namespace sallyport::proxy
