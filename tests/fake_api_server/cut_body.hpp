// SPDX-License-Identifier: Apache-2.0
// The first bytes of another body, and then an end that a test has chosen. Without a fault it is the whole body.

#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <utility>

#include "base/arena.hpp"
#include "fake_api_server/rules.hpp"
#include "http/body.hpp"
#include "net/loop.hpp"
#include "net/signal.hpp"

namespace sallyport::fake_api {

class CutBody final : public http::Body {
 public:
  CutBody(net::Loop& loop, ArenaPtr<http::Body> whole, std::uint64_t bytes, Ending ending)
      : loop_(loop), whole_(std::move(whole)), left_(bytes), ending_(ending) {}

  net::Task<Result<std::string_view>> read() override {
    if (left_ != 0 && whole_ != nullptr) {
      const Result<std::string_view> piece = co_await whole_->read();
      if (!piece) co_return piece;
      const std::string_view given = piece->substr(0, std::min<std::uint64_t>(left_, piece->size()));
      left_ -= given.size();
      if (!given.empty()) co_return given;
    }
    if (ending_ == Ending::reset) co_return fail(Code::upstream_reset);
    if (ending_ == Ending::hang) co_await never_.wait(loop_, net::Time::max());
    co_return std::string_view();
  }
  bool ready() const override { return false; }

 private:
  net::Loop& loop_;
  ArenaPtr<http::Body> whole_;
  std::uint64_t left_;
  Ending ending_;
  net::Signal never_;
};

}  // namespace sallyport::fake_api
