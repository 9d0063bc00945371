// SPDX-License-Identifier: Apache-2.0
// Where many coroutines wait for the same thing. They are woken at the end of a turn, from the loop, so whoever says
// wake() is not re-entered. Belongs to one loop's thread.

#pragma once

#include <algorithm>
#include <vector>

#include "net/loop.hpp"
#include "net/signal.hpp"
#include "net/task.hpp"

namespace sallyport::sources::api_server {

class Waiters final : private net::Deferred {
 public:
  explicit Waiters(net::Loop& loop) : loop_(loop) {}
  Waiters(const Waiters&) = delete;
  Waiters& operator=(const Waiters&) = delete;
  // REQUIRES: nobody waits.
  ~Waiters() override {
    if (destroyed_ != nullptr) *destroyed_ = true;
  }

  // Until wake(), or the deadline. What is waited for may be gone again by then.
  net::Task<void> wait(net::Time deadline) {
    Waiter waiter(*this);
    static_cast<void>(co_await waiter.signal.wait(loop_, deadline));
  }
  // All who wait by the end of this turn, the first first.
  void wake() {
    if (!all_.empty()) loop_.defer(*this);
  }

 private:
  struct Waiter {
    explicit Waiter(Waiters& of) : at(of) { at.all_.push_back(this); }
    Waiter(const Waiter&) = delete;
    Waiter& operator=(const Waiter&) = delete;
    ~Waiter() { std::erase(at.all_, this); }

    Waiters& at;
    net::Signal signal;
  };

  // Who is woken may end others, wait again, or destroy this.
  void at_turn_end() override {
    const std::vector<Waiter*> now = all_;
    bool gone = false;
    destroyed_ = &gone;
    for (Waiter* const waiter : now) {
      if (std::ranges::find(all_, waiter) != all_.end()) waiter->signal.notify();
      if (gone) return;
    }
    destroyed_ = nullptr;
  }

  net::Loop& loop_;
  std::vector<Waiter*> all_;
  bool* destroyed_ = nullptr;
};

}  // namespace sallyport::sources::api_server
