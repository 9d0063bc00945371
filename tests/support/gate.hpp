// SPDX-License-Identifier: Apache-2.0
// Something that coroutines can wait for and a test opens. A waiter that is destroyed takes itself off.

#pragma once

#include <coroutine>
#include <cstddef>
#include <vector>

namespace sallyport::support {

class Gate {
 public:
  class [[nodiscard]] Opened {
   public:
    explicit Opened(Gate& gate) : gate_(gate) {}
    Opened(const Opened&) = delete;
    Opened& operator=(const Opened&) = delete;
    ~Opened() {
      if (handle_) std::erase(gate_.waiters_, handle_);
    }

    bool await_ready() const { return gate_.open_; }
    void await_suspend(std::coroutine_handle<> handle) {
      handle_ = handle;
      gate_.waiters_.push_back(handle);
    }
    void await_resume() { handle_ = {}; }

   private:
    Gate& gate_;
    std::coroutine_handle<> handle_;
  };

  Opened opened() { return Opened(*this); }
  bool has_waiter() const { return !waiters_.empty(); }

  // Goes on with who waits, at once; who comes later does not wait.
  void open() {
    open_ = true;
    pass();
  }
  // Lets only those who wait now go on. Who goes on may destroy others.
  void pass() {
    for (std::size_t left = waiters_.size(); left != 0 && !waiters_.empty(); --left) {
      const auto waiter = waiters_.front();
      waiters_.erase(waiters_.begin());
      waiter.resume();
    }
  }

 private:
  std::vector<std::coroutine_handle<>> waiters_;
  bool open_ = false;
};

}  // namespace sallyport::support
