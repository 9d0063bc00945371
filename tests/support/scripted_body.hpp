// SPDX-License-Identifier: Apache-2.0
// A body that gives what a test lists, one piece a read; a piece may have to be waited for, and the last may be an
// error.

#pragma once

#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "http/body.hpp"
#include "http/fields.hpp"
#include "support/gate.hpp"

namespace sallyport::support {

class ScriptedBody final : public http::Body {
 public:
  // `gate`, when there is one, opens before the piece is given.
  void add(std::string piece, Gate* gate = nullptr) { steps_.push_back({std::move(piece), gate}); }
  void fail_at_end(Error error) { error_ = std::move(error); }
  void repeat_for_ever(std::string piece) { endless_ = std::move(piece); }
  void set_trailers(const http::Fields& trailers) { trailers_ = &trailers; }

  net::Task<Result<std::string_view>> read() override {
    ++reads_;
    if (!endless_.empty()) co_return std::string_view(endless_);
    if (!steps_.empty()) {
      if (steps_.front().gate != nullptr) co_await steps_.front().gate->opened();
      current_ = std::move(steps_.front().text);
      steps_.pop_front();
      co_return std::string_view(current_);
    }
    if (error_) co_return Failure(*error_);
    co_return std::string_view();
  }
  bool ready() const override { return steps_.empty() || steps_.front().gate == nullptr; }
  const http::Fields* trailers() const override { return trailers_; }

  int reads() const { return reads_; }

 private:
  struct Step {
    std::string text;
    Gate* gate;
  };

  std::deque<Step> steps_;
  std::string current_;
  std::string endless_;
  std::optional<Error> error_;
  const http::Fields* trailers_ = nullptr;
  int reads_ = 0;
};

}  // namespace sallyport::support
