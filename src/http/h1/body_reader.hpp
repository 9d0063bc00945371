// SPDX-License-Identifier: Apache-2.0
// The body of a message as it comes from a connection: of a request from the client, or of a response from an upstream.

#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "http/body.hpp"
#include "http/h1/chunked.hpp"
#include "http/h1/inbox.hpp"
#include "http/message.hpp"
#include "http/pace.hpp"
#include "net/socket.hpp"

namespace sallyport::http::h1 {

// What failures are called on this side of the gateway.
struct Faults {
  ChunkedDecoder::Of of;
  Code slow;
  Code reset;
  Code cut;  // the stream ended within the body
};

class BodyReader : public Body {
 public:
  BodyReader(net::Socket& socket, Inbox& inbox, Framing framing, const Pace& pace, const Faults& faults,
             const Limits& limits, Arena& arena, Notes& notes);

  net::Task<Result<std::string_view>> read() override;
  void expect(std::size_t most) override { most_ = most; }
  bool ready() const override;
  bool movable() const override;
  net::Task<Result<void>> move(net::Pipe& into) override;
  const Fields* trailers() const override;

  // The clean end was reached: what is unread belongs to the next message.
  bool complete() const { return complete_; }
  std::uint64_t bytes_read() const { return got_; }

  // No wait goes on beyond this, whatever the pace allows.
  void hurry(net::Time deadline) { latest_ = deadline; }

 private:
  net::Task<Result<std::string_view>> read_more();
  net::Task<Result<void>> receive();
  Failure fail_with(net::IoError error) {
    return fail_with(error == net::IoError::timeout ? faults_.slow : faults_.reset);
  }
  std::string_view take_piece();
  std::string_view decode();
  Failure fail_with(Code code) { return Failure(failed_.emplace(Error{.code = code})); }

  net::Socket& socket_;
  Inbox& inbox_;
  Framing framing_;
  Faults faults_;
  std::optional<ChunkedDecoder> chunks_;
  std::string_view next_;  // a piece that is decoded already
  std::uint64_t left_;
  std::uint64_t got_ = 0;
  std::size_t most_ = net::BufferPool::large;  // that is received at once
  Patience patience_;
  net::Time latest_ = net::Time::max();
  bool complete_ = false;
  std::optional<Error> failed_;
};

}  // namespace sallyport::http::h1
