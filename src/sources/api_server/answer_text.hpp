// SPDX-License-Identifier: Apache-2.0
// The body of an answer as it comes. Of one that holds a Secret nothing is left in memory that is given back: not as it
// grows, and not when the answer breaks off. Whoever takes it zeroes it.

#pragma once

#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

namespace sallyport::sources::api_server {

class AnswerText {
 public:
  explicit AnswerText(bool is_secret) : is_secret_(is_secret) {
    if (is_secret_) text_.reserve(first_room);  // so that it is never in the string itself, of which moves leave copies
  }
  AnswerText(const AnswerText&) = delete;
  AnswerText& operator=(const AnswerText&) = delete;
  ~AnswerText() {
    if (is_secret_) zero(text_);
  }

  void add(std::string_view piece) {
    if (is_secret_ && piece.size() > text_.capacity() - text_.size()) make_room(piece.size());
    text_ += piece;
  }
  std::size_t size() const { return text_.size(); }
  std::string take() { return std::move(text_); }

 private:
  static constexpr std::size_t first_room = 8 * 1024;  // Secrets with certificates are mostly shorter

  static void zero(std::string& text) { ::explicit_bzero(text.data(), text.size()); }
  void make_room(std::size_t more) {
    std::string larger;
    larger.reserve(2 * (text_.size() + more));
    larger = text_;
    text_.swap(larger);
    zero(larger);
  }

  const bool is_secret_;
  std::string text_;
};

}  // namespace sallyport::sources::api_server
