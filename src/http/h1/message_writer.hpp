// SPDX-License-Identifier: Apache-2.0
// Writes one message to a connection in as few sends as it can: what is ready goes out together, and nothing is held
// back while the next piece would have to be waited for. The last bytes of a short message may be put off to the end of
// the loop's turn.

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
  static_assert(net::Task<Failed>::holds_result, "what is put off is done at once");

  // `stall` bounds each wait for the peer to take more. With a `rate` (bytes a second) all waits together are bounded:
  // by a stall and the time that the bytes take at this rate. No more than a stall is ever saved up.
  MessageWriter(net::Socket& socket, net::Ledger& ledger, net::Duration stall, std::uint64_t rate = 0)
      : socket_(socket), ledger_(ledger), stall_(stall), rate_(rate), patience_(stall) {}

  // `write(std::span<char>)` puts the head into a room of at least `room` bytes and gives its size. False: it did not,
  // or no buffer can be had.
  template <class WriteHead>
  bool put_head(std::size_t room, WriteHead write) {
    if (!take_room(room)) return false;
    const std::optional<std::size_t> size = write(room_);
    if (!size) return false;
    held_ = *size;
    return true;
  }

  // Before put_head(): a short message may be put off (net::Socket::put_off). Not where the connection ends behind it.
  void may_put_off() { may_put_off_ = true; }
  // Before send(): the body's trailers are left out.
  void omit_trailers() { omits_trailers_ = true; }
  // After put_head(): the head will be, and whatever of the body is there with it.
  bool is_put_off() const { return !buffer_; }
  // Sends the head, and the body if there is one. The writer is used up.
  net::Task<Failed> send(Body* body, Framing::Kind framing);

  // The peer knows nothing of this message yet.
  bool nothing_sent() const { return !sent_; }
  std::uint64_t body_bytes() const { return body_bytes_; }

 private:
  bool take_room(std::size_t size);
  bool take_buffer(std::size_t size);
  bool leave_outbox();
  bool put(std::string_view text);
  bool put_piece(std::string_view piece, bool chunked);
  bool gather(Body& body, Framing::Kind framing);
  net::Task<Failed> send_pieces(Body& body, Framing::Kind framing);
  net::Task<Failed> send_piece(std::string_view piece, bool chunked);
  bool flows();
  net::Task<Failed> move_pieces(Body& body);
  net::Duration earned_by(std::size_t bytes) const;
  net::Time latest(net::Duration earned) const;
  net::Socket::Taking taking(net::Duration earned) const;
  void settle(net::Time from, net::Duration earned);
  net::Task<Failed> flush(std::string_view behind, bool flows = false);
  net::Task<Failed> write(std::string_view held, std::string_view behind, net::Duration earned);
  net::Task<Failed> finish();
  bool put_end(const Body& body, Framing::Kind framing);

  net::Socket& socket_;
  net::Ledger& ledger_;
  net::Duration stall_;
  std::uint64_t rate_;      // 0: none
  net::Duration patience_;  // left of what may be waited beyond the rate
  std::span<char> room_;    // the loop's outbox, or the buffer
  net::Buffer buffer_;
  std::size_t held_ = 0;  // bytes in the room that wait to be sent
  std::uint64_t body_bytes_ = 0;
  std::optional<net::Task<Result<std::string_view>>> reading_;  // the next piece was asked for already
  bool may_put_off_ = false;
  bool omits_trailers_ = false;
  bool sent_ = false;
  bool flows_ = false;  // it is a long one
  bool moves_ = true;   // its body through a pipe, until there is none
};

}  // namespace sallyport::http::h1
