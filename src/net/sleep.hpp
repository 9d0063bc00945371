// SPDX-License-Identifier: Apache-2.0
// co_await Sleep(loop, duration).

#pragma once

#include <coroutine>

#include "net/loop.hpp"

namespace sallyport::net {

class [[nodiscard]] Sleep final : Timer {
 public:
  Sleep(Loop& loop, Duration duration) : loop_(loop), duration_(duration) {}

  bool await_ready() const { return duration_ <= Duration::zero(); }
  void await_suspend(std::coroutine_handle<> handle) {
    handle_ = handle;
    loop_.timers().arm(*this, loop_.now() + duration_);
  }
  void await_resume() const {}

 private:
  void fire() override { handle_.resume(); }

  Loop& loop_;
  Duration duration_;
  std::coroutine_handle<> handle_;
};

}  // namespace sallyport::net
