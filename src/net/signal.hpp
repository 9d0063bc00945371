// SPDX-License-Identifier: Apache-2.0
// Where one coroutine waits until it is notified or its time is over. Whoever notifies does so from where a coroutine
// may run: not from inside a session.

#pragma once

#include <coroutine>
#include <utility>

#include "net/loop.hpp"
#include "net/timer_wheel.hpp"

namespace sallyport::net {

class Signal {
 public:
  class [[nodiscard]] Wait final : Timer {
   public:
    Wait(Signal& signal, Loop& loop, Time deadline) : signal_(signal), loop_(loop), deadline_(deadline) {}
    ~Wait() override {
      if (signal_.waiter_ == this) signal_.waiter_ = nullptr;
    }

    bool await_ready() const { return false; }
    void await_suspend(std::coroutine_handle<> handle) {
      handle_ = handle;
      signal_.waiter_ = this;
      if (deadline_ != Time::max()) loop_.timers().arm(*this, deadline_);
    }
    // False: its time was over.
    bool await_resume() const { return notified_; }

   private:
    friend class Signal;
    void fire() override {
      signal_.waiter_ = nullptr;
      handle_.resume();
    }

    Signal& signal_;
    Loop& loop_;
    Time deadline_;
    std::coroutine_handle<> handle_;
    bool notified_ = false;
  };

  Signal() = default;
  Signal(const Signal&) = delete;
  Signal& operator=(const Signal&) = delete;

  bool is_waited_for() const { return waiter_ != nullptr; }
  // Until notify() or the deadline; max(): no deadline.
  Wait wait(Loop& loop, Time deadline) { return {*this, loop, deadline}; }
  // Of who waits now.
  void replace_deadline(Time deadline) {
    if (waiter_ != nullptr) waiter_->loop_.timers().arm(*waiter_, deadline);
  }
  // Runs who waits, if anybody does.
  void notify() {
    if (waiter_ == nullptr) return;
    Wait* const waiter = std::exchange(waiter_, nullptr);
    TimerWheel::disarm(*waiter);
    waiter->notified_ = true;
    waiter->handle_.resume();
  }

 private:
  Wait* waiter_ = nullptr;
};

}  // namespace sallyport::net
