// SPDX-License-Identifier: Apache-2.0
// Writes one message to a connection in as few sends as it can: what is ready goes out together, and nothing is held
// back while the next piece would have to be waited for.

#pragma once

#include <cstdint>
#include <optional>

#include "http/body.hpp"
#include "http/message.hpp"
#include "net/buffer_pool.hpp"
#include "net/socket.hpp"

namespace sallyport::http::h1 {

class MessageWriter {
 public:
  // At most one of them; none: all was written.
  struct Failed {
    std::optional<net::IoError> socket;
    std::optional<Error> body;

    explicit operator bool() const { return socket || body; }
  };

  MessageWriter(net::Socket& socket, net::Ledger& ledger, net::Duration stall)
      : socket_(socket), ledger_(ledger), stall_(stall) {}

  // `write(std::span<char>)` puts the head into a room of at least `room` bytes and gives its size. False: it did not,
  // or no buffer can be had.
  template <class WriteHead>
  bool put_head(std::size_t room, WriteHead write) {
    if (!take_buffer(room)) return false;
    const std::optional<std::size_t> size = write(out_.span());
    if (!size) return false;
    held_ = *size;
    return true;
  }

  // Sends the head, and the body if there is one. The writer is used up.
  net::Task<Failed> send(Body* body, Framing::Kind framing);

  // The peer knows nothing of this message yet.
  bool nothing_sent() const { return !sent_; }
  std::uint64_t body_bytes() const { return body_bytes_; }

 private:
  bool take_buffer(std::size_t room);
  bool put(std::string_view text);
  net::Task<Failed> send_piece(std::string_view piece, bool chunked);
  net::Task<Failed> flush(std::string_view behind);
  bool put_end(const Body& body, Framing::Kind framing);

  net::Socket& socket_;
  net::Ledger& ledger_;
  net::Duration stall_;
  net::Buffer out_;
  std::size_t held_ = 0;  // bytes in out_ that wait to be sent
  std::uint64_t body_bytes_ = 0;
  bool sent_ = false;
};

}  // namespace sallyport::http::h1
