// SPDX-License-Identifier: Apache-2.0
// co_await Yield(loop) goes on at the end of this turn, or of the next: for loops over data that never runs dry.

#pragma once

#include <coroutine>

#include "net/loop.hpp"

namespace sallyport::net {

class [[nodiscard]] Yield final : Deferred {
 public:
  explicit Yield(Loop& loop) : loop_(loop) {}

  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> handle) {
    handle_ = handle;
    loop_.defer(*this);
  }
  void await_resume() const {}

 private:
  void at_turn_end() override { handle_.resume(); }

  Loop& loop_;
  std::coroutine_handle<> handle_;
};

}  // namespace sallyport::net
