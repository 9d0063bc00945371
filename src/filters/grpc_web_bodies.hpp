// SPDX-License-Identifier: Apache-2.0
// The bodies of gRPC-Web: what a browser sends as the stream of messages that a gRPC server reads, and the answer with
// its trailers as one more message, because a browser sees no trailers.
//
// Both pull from the body that they stand for, and live in the arena of their exchange.

#pragma once

#include <span>
#include <string_view>
#include <utility>

#include "base/arena.hpp"
#include "filters/grpc_web_text.hpp"
#include "http/body.hpp"
#include "http/fields.hpp"

namespace sallyport::filters {

// Of a request of application/grpc-web-text: the bytes behind its base64.
class GrpcWebRequest final : public http::Body {
 public:
  // The room is what one piece may have.
  GrpcWebRequest(http::Body& text, std::span<char> room) : text_(text), room_(room) {}

  net::Task<Result<std::string_view>> read() override;
  bool ready() const override { return !rest_.empty() || text_.ready(); }
  const http::Fields* trailers() const override { return text_.trailers(); }

 private:
  http::Body& text_;
  std::span<char> room_;
  std::string_view rest_;  // of the piece that was read last
  GrpcWebTextDecoder decoder_;
};

class GrpcWebResponse final : public http::Body {
 public:
  // Without a room the answer is binary; else it is text, and the room is what one piece may have.
  GrpcWebResponse(ArenaPtr<http::Body> messages, std::span<char> room, Arena& arena)
      : messages_(std::move(messages)), room_(room), arena_(arena) {}

  net::Task<Result<std::string_view>> read() override;
  bool ready() const override { return !rest_.empty() || ended_ || messages_->ready(); }

 private:
  bool is_text() const { return !room_.empty(); }
  std::string_view encode_some();
  Result<std::string_view> trailers_message();

  ArenaPtr<http::Body> messages_;
  std::span<char> room_;
  Arena& arena_;
  std::string_view rest_;  // of what is still to be encoded
  GrpcWebTextEncoder encoder_;
  bool ended_ = false;  // the trailers are among it
};

}  // namespace sallyport::filters
