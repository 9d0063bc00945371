// SPDX-License-Identifier: Apache-2.0
// A response that is a text: of the admin pages and the echo origin.

#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/arena.hpp"
#include "base/result.hpp"
#include "http/message.hpp"
#include "net/loop.hpp"

namespace sallyport::http {

// A body that owns its text.
class TextBody final : public Body {
 public:
  explicit TextBody(std::string text) : text_(std::move(text)) {}

  net::Task<Result<std::string_view>> read() override {
    return net::Task<Result<std::string_view>>::with(std::exchange(given_, true) ? std::string_view() : text_);
  }
  bool ready() const override { return true; }

 private:
  std::string text_;
  bool given_ = false;
};

// A long text that is made while it is sent.
class TextSource {
 public:
  virtual ~TextSource() = default;

  // Puts the next piece behind `out`, some tens of KiB of it so that no call takes long; false: that was the last one.
  virtual bool append_to(std::string& out) = 0;
};

// Of as many bytes as will be seen by who asks with HEAD.
class EmptyText final : public TextSource {
 public:
  bool append_to(std::string&) override { return false; }
};

// One piece a turn of the loop: whoever else is on it gets a turn between two of them.
class SlicedBody final : public Body {
 public:
  SlicedBody(net::Loop& loop, std::unique_ptr<TextSource> source) : loop_(loop), source_(std::move(source)) {}

  net::Task<Result<std::string_view>> read() override;
  bool ready() const override { return false; }

 private:
  net::Loop& loop_;
  std::unique_ptr<TextSource> source_;
  std::string piece_;
  bool more_ = true;
};

// `content_type` is a literal.
Result<Response> text_response(Arena& arena, std::uint16_t status, std::string_view content_type, std::string text);
Result<Response> text_response(Arena& arena, net::Loop& loop, std::uint16_t status, std::string_view content_type,
                               std::unique_ptr<TextSource> source);

}  // namespace sallyport::http
