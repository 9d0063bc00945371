// SPDX-License-Identifier: Apache-2.0
// What the gateway's own parsers say that a peer's bytes are, as the peer sends them: which request or response is
// which, and where it ends. Whether the parsers are right is for others to test.

#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.hpp"
#include "http/h1/chunked.hpp"
#include "http/limits.hpp"
#include "http/message.hpp"
#include "http/notes.hpp"

namespace sallyport::support {

// The tag in a text: "~2.1;" of the second request of client 2. Empty when there is none.
std::string tag_in(std::string_view text);

class SentBody {
 public:
  SentBody(http::h1::ChunkedDecoder::Of of, const http::Framing& framing, const http::Limits& limits);

  // Uses up what is its own of the bytes. False: they are malformed.
  bool add(std::string_view& bytes);
  void end();  // of the stream
  bool complete() const { return complete_; }
  const std::string& text() const { return text_; }

 private:
  http::Framing framing_;
  std::uint64_t left_;
  std::string text_;
  bool complete_ = false;
  Arena arena_;
  http::Notes notes_;
  std::optional<http::h1::ChunkedDecoder> chunks_;
};

struct SentRequest {
  std::string tag;
  std::string method;
  http::Version version = http::Version::http11;
  bool expects_continue = false;
  bool upgrades = false;
  std::unique_ptr<SentBody> body;
};

class SentRequests {
 public:
  void add(std::string_view bytes);

  const std::deque<SentRequest>& requests() const { return requests_; }
  // Behind these lies what is no whole head, or none at all: it may get an answer too.
  bool has_rest() const { return broken_ || !buffer_.empty(); }

 private:
  bool step(std::string_view& bytes);

  http::Limits limits_;
  http::Conduct conduct_;
  std::string buffer_;
  std::deque<SentRequest> requests_;
  bool broken_ = false;  // also behind an upgrade, where bytes may be of either protocol
};

struct SentResponse {
  std::uint16_t status = 0;
  bool keep_alive = false;
  std::unique_ptr<SentBody> body;  // null for an interim one
};

class SentResponses {
 public:
  // A request was read, to which the next response is.
  void asked(std::string_view method) { methods_.emplace_back(method); }
  void add(std::string_view bytes);
  void end();

  // Final ones, and a 101.
  const std::deque<SentResponse>& responses() const { return responses_; }
  // The response to the newest request is not over.
  bool owes() const { return responses_.size() < methods_.size() || (!responses_.empty() && !last_is_over()); }
  // Nothing that came after the last response's end, and nothing wrong with it.
  bool clean() const { return !broken_ && !surplus_; }
  bool has_surplus() const { return surplus_; }
  // Another request may follow.
  bool may_go_on() const { return clean() && !owes() && (responses_.empty() || responses_.back().keep_alive); }

 private:
  bool last_is_over() const { return responses_.back().body->complete(); }
  bool step(std::string_view& bytes);

  http::Limits limits_;
  std::string buffer_;
  std::vector<std::string> methods_;
  std::deque<SentResponse> responses_;
  bool broken_ = false;
  bool surplus_ = false;
  bool switched_ = false;
};

}  // namespace sallyport::support
