// SPDX-License-Identifier: Apache-2.0
// A response that is a text: of the admin pages and the echo origin.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/arena.hpp"
#include "base/result.hpp"
#include "http/message.hpp"

namespace sallyport::http {

// A body that owns its text.
class TextBody final : public Body {
 public:
  explicit TextBody(std::string text) : text_(std::move(text)) {}

  net::Task<Result<std::string_view>> read() override {
    co_return std::exchange(given_, true) ? std::string_view() : std::string_view(text_);
  }
  bool ready() const override { return true; }

 private:
  std::string text_;
  bool given_ = false;
};

// `content_type` is a literal.
Result<Response> text_response(Arena& arena, std::uint16_t status, std::string_view content_type, std::string text);

}  // namespace sallyport::http
