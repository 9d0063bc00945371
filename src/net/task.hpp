// SPDX-License-Identifier: Apache-2.0
// A coroutine that yields one T. Lazy: it starts when awaited, and one thread runs it to its end. Dropping it cancels
// it: frames below are destroyed, and every leaf awaiter takes itself off the loop.
//
// A child that finishes at once does not suspend its parent, so a loop over ready data uses no stack. (Starting it by
// symmetric transfer would: g++ 12 makes that a plain call below -O2 and under a sanitizer.)

#pragma once

#include <coroutine>
#include <cstddef>
#include <exception>
#include <optional>
#include <utility>

#include "net/frame_pool.hpp"

namespace sallyport::net {

// What the promises of all tasks share.
struct TaskPromise {
  std::coroutine_handle<> parent;

  static void* operator new(std::size_t size) { return FramePool::mine().take(size); }
  static void operator delete(void* frame, std::size_t size) { FramePool::mine().give(frame, size); }

  struct ResumeParent {
    bool await_ready() const noexcept { return false; }
    template <class Promise>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> child) const noexcept {
      if (child.promise().parent) return child.promise().parent;
      return std::noop_coroutine();
    }
    void await_resume() const noexcept {}
  };

  std::suspend_always initial_suspend() noexcept { return {}; }
  ResumeParent final_suspend() noexcept { return {}; }
  void unhandled_exception() { std::terminate(); }  // errors are values here
};

template <class T>
struct ValuePromise : TaskPromise {
  std::optional<T> value;

  void return_value(T result) { value.emplace(std::move(result)); }
  T take() { return std::move(*value); }
};

template <>
struct ValuePromise<void> : TaskPromise {
  void return_void() {}
  void take() {}
};

template <class T>
class [[nodiscard]] Task {
 public:
  struct promise_type : ValuePromise<T> {
    Task get_return_object() { return Task(Handle::from_promise(*this)); }
  };

  Task() = default;
  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, {})) {}
  Task& operator=(Task&& other) noexcept {
    if (this != &other) {
      reset();
      handle_ = std::exchange(other.handle_, {});
    }
    return *this;
  }
  ~Task() { reset(); }

  // Cancels what still runs.
  void reset() {
    if (handle_) std::exchange(handle_, {}).destroy();
  }

  bool await_ready() const noexcept { return false; }
  bool await_suspend(std::coroutine_handle<> parent) {
    handle_.resume();
    if (handle_.done()) return false;
    handle_.promise().parent = parent;
    return true;
  }
  T await_resume() { return handle_.promise().take(); }

  // Runs it beside its owner, which keeps the Task and is not told of the end: the outermost coroutine of a connection.
  void start() { handle_.resume(); }
  bool done() const { return handle_ && handle_.done(); }

 private:
  template <class>
  friend class Beside;
  using Handle = std::coroutine_handle<promise_type>;

  explicit Task(Handle handle) : handle_(handle) {}

  Handle handle_;
};

// A task that runs beside the coroutine that owns it, until it is awaited or dropped (which cancels it).
template <class T>
class Beside {
 public:
  explicit Beside(Task<T> task) : task_(std::move(task)) { task_.start(); }
  Beside(const Beside&) = delete;
  Beside& operator=(const Beside&) = delete;

  bool done() const { return task_.done(); }
  // Its result, once. REQUIRES: done().
  T take() { return task_.handle_.promise().take(); }

  bool await_ready() const noexcept { return task_.done(); }
  void await_suspend(std::coroutine_handle<> waiter) { task_.handle_.promise().parent = waiter; }
  T await_resume() { return task_.handle_.promise().take(); }

 private:
  Task<T> task_;
};

}  // namespace sallyport::net
