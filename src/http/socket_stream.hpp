// SPDX-License-Identifier: Apache-2.0
// A whole connection as the stream of a tunnel: HTTP/1 on either side. Holds no buffer while there is nothing to read.

#pragma once

#include <optional>
#include <string_view>

#include "http/byte_stream.hpp"
#include "net/buffer_pool.hpp"
#include "net/ledger.hpp"
#include "net/socket.hpp"

namespace sallyport::http {

class SocketStream final : public ByteStream {
 public:
  // `early` are bytes that the peer has sent already; they come first. All must outlive the stream.
  SocketStream(net::Socket& socket, net::Ledger& ledger, std::string_view early)
      : socket_(socket), ledger_(ledger), early_(early) {}
  SocketStream(const SocketStream&) = delete;
  SocketStream& operator=(const SocketStream&) = delete;

  net::Task<net::IoResult<std::string_view>> read(net::Time deadline) override;
  net::Task<net::IoResult<void>> write(std::string_view bytes, net::Duration stall) override;
  void shutdown_write() override { socket_.shutdown_write(); }
  void interrupt() override { socket_.interrupt(); }

 private:
  std::optional<net::IoResult<std::string_view>> read_now();
  net::Task<net::IoResult<std::string_view>> read_later(net::Time deadline);
  net::Task<net::IoResult<void>> write_rest(std::string_view rest, net::Duration stall);

  net::Socket& socket_;
  net::Ledger& ledger_;
  std::string_view early_;
  net::Buffer buffer_;  // of the last read
};

}  // namespace sallyport::http
