// SPDX-License-Identifier: Apache-2.0
// Something that a coroutine can wait for and a test opens; for one waiter at a time. A waiter that is destroyed takes
// itself off.

#pragma once

#include <coroutine>
#include <utility>

namespace sallyport::support {

class Gate {
 public:
  class [[nodiscard]] Opened {
   public:
    explicit Opened(Gate& gate) : gate_(gate) {}
    Opened(const Opened&) = delete;
    Opened& operator=(const Opened&) = delete;
    ~Opened() {
      if (waits_) gate_.waiter_ = {};
    }

    bool await_ready() const { return gate_.open_; }
    void await_suspend(std::coroutine_handle<> handle) {
      waits_ = true;
      gate_.waiter_ = handle;
    }
    void await_resume() { waits_ = false; }

   private:
    Gate& gate_;
    bool waits_ = false;
  };

  Opened opened() { return Opened(*this); }
  bool has_waiter() const { return static_cast<bool>(waiter_); }

  // Goes on with who waits, at once; who comes later does not wait.
  void open() {
    open_ = true;
    pass();
  }
  // Lets only who waits now go on.
  void pass() {
    if (const auto waiter = std::exchange(waiter_, {})) waiter.resume();
  }

 private:
  std::coroutine_handle<> waiter_;
  bool open_ = false;
};

}  // namespace sallyport::support
