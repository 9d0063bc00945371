// SPDX-License-Identifier: Apache-2.0
#include "support/session_judge.hpp"

#include <algorithm>

#include "http/h1/request_parser.hpp"
#include "http/h1/response_parser.hpp"

namespace sallyport::support {

using http::Framing;
using http::h1::ChunkedDecoder;

std::string tag_in(std::string_view text) {
  const std::size_t begin = text.find('~');
  const std::size_t end = begin == text.npos ? begin : text.find(';', begin);
  return end == text.npos ? std::string() : std::string(text.substr(begin, end - begin + 1));
}

SentBody::SentBody(ChunkedDecoder::Of of, const Framing& framing, const http::Limits& limits)
    : framing_(framing), left_(framing.length) {
  if (framing.kind == Framing::Kind::chunked) chunks_.emplace(of, limits, arena_, notes_);
  complete_ = framing.kind == Framing::Kind::none || (framing.kind == Framing::Kind::length && left_ == 0);
}

bool SentBody::add(std::string_view& bytes) {
  while (!complete_ && !bytes.empty()) {
    std::size_t used = bytes.size();
    if (chunks_) {
      const auto step = chunks_->step(bytes);
      if (!step) return false;
      text_ += step->data;
      used = step->consumed;
      complete_ = step->end;
    } else {
      if (framing_.kind == Framing::Kind::length) used = static_cast<std::size_t>(std::min<std::uint64_t>(left_, used));
      text_ += bytes.substr(0, used);
      left_ -= used;
      complete_ = framing_.kind == Framing::Kind::length && left_ == 0;
    }
    bytes.remove_prefix(used);
  }
  return true;
}

void SentBody::end() { complete_ = complete_ || framing_.kind == Framing::Kind::close; }

void SentRequests::add(std::string_view bytes) {
  buffer_ += bytes;
  std::string_view rest = buffer_;
  while (!broken_ && !rest.empty() && step(rest)) {
  }
  buffer_.erase(0, buffer_.size() - rest.size());
}

// False: more bytes are needed.
bool SentRequests::step(std::string_view& bytes) {
  if (!requests_.empty() && !requests_.back().body->complete()) {
    broken_ = !requests_.back().body->add(bytes);
    return !broken_;
  }
  Arena arena;
  http::RequestHead head(arena);
  http::Notes notes;
  const auto size = http::h1::parse_request_head(bytes, limits_, conduct_, arena, head, notes);
  broken_ = !size;
  if (!size || *size == 0) return false;
  bytes.remove_prefix(*size);
  SentRequest& request = requests_.emplace_back();
  request.tag = tag_in(head.query);
  request.method = head.method_text;
  request.version = head.version;
  request.expects_continue = head.expects_continue;
  request.upgrades = !head.upgrade.empty();
  request.body = std::make_unique<SentBody>(ChunkedDecoder::Of::request, head.framing, limits_);
  broken_ = request.upgrades;
  return !broken_;
}

void SentResponses::add(std::string_view bytes) {
  if (switched_ || broken_) return;
  buffer_ += bytes;
  std::string_view rest = buffer_;
  while (!broken_ && !switched_ && !rest.empty() && step(rest)) {
  }
  buffer_.erase(0, buffer_.size() - rest.size());
}

bool SentResponses::step(std::string_view& bytes) {
  if (!responses_.empty() && !last_is_over()) {
    broken_ = !responses_.back().body->add(bytes);
    return !broken_;
  }
  if (responses_.size() == methods_.size()) {
    surplus_ = true;
    return false;
  }
  Arena arena;
  http::ResponseHead head(arena);
  http::Notes notes;
  const bool is_head = methods_[responses_.size()] == "HEAD";
  const auto size = http::h1::parse_response_head(bytes, limits_, is_head ? http::Method::head : http::Method::get,
                                                  arena, head, notes);
  broken_ = !size;
  if (!size || *size == 0) return false;
  bytes.remove_prefix(*size);
  if (head.status < 200 && head.status != 101) return true;
  SentResponse& response = responses_.emplace_back();
  response.status = head.status;
  switched_ = head.status == 101;
  response.keep_alive = head.keep_alive && !switched_;
  response.body = std::make_unique<SentBody>(ChunkedDecoder::Of::response, head.framing, limits_);
  return true;
}

void SentResponses::end() {
  if (!responses_.empty()) responses_.back().body->end();
}

}  // namespace sallyport::support
