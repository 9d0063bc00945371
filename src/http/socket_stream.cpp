// SPDX-License-Identifier: Apache-2.0
#include "http/socket_stream.hpp"

#include <span>
#include <utility>

namespace sallyport::http {

using Piece = net::IoResult<std::string_view>;

net::Task<Piece> SocketStream::read(net::Time deadline) {
  if (!early_.empty()) return net::Task<Piece>::with(std::exchange(early_, {}));
  if (const auto got = read_now()) return net::Task<Piece>::with(*got);
  return read_later(deadline);
}

// Nothing: it would have to wait.
std::optional<Piece> SocketStream::read_now() {
  if (!buffer_) {
    if (!socket_.readable()) return std::nullopt;
    buffer_ = socket_.loop().buffers().take(net::BufferPool::small, ledger_);
  }
  if (!buffer_) return std::unexpected(net::IoError::exhausted);
  const auto got = socket_.read_now(buffer_.span());
  if (!got) {
    buffer_.give_back();
    return std::nullopt;
  }
  if (!*got) return std::unexpected(got->error());
  return std::string_view(buffer_.data(), **got);
}

net::Task<Piece> SocketStream::read_later(net::Time deadline) {
  for (;;) {
    const std::span<char> nothing;
    const net::IoResult<std::size_t> is_there = co_await socket_.read(nothing, deadline);
    if (!is_there) co_return std::unexpected(is_there.error());
    if (const auto got = read_now()) co_return *got;
  }
}

net::Task<net::IoResult<void>> SocketStream::write(std::string_view bytes, net::Duration stall) {
  using Written = net::Task<net::IoResult<void>>;
  const net::IoResult<std::size_t> sent = socket_.write_now(bytes, {});
  if (!sent) return Written::with(net::IoResult<void>(std::unexpected(sent.error())));
  if (*sent == bytes.size()) return Written::with(net::IoResult<void>());
  return write_rest(bytes.substr(*sent), stall);
}

net::Task<net::IoResult<void>> SocketStream::write_rest(std::string_view rest, net::Duration stall) {
  const std::string_view no_more;
  const net::IoResult<void> written = co_await socket_.write(rest, no_more, stall);
  co_return written;
}

}  // namespace sallyport::http
