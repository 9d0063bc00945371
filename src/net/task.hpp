// SPDX-License-Identifier: Apache-2.0
// A coroutine that yields one T. Lazy: it starts when awaited, and one thread runs it to its end. Dropping it cancels
// it: frames below are destroyed, and every leaf awaiter takes itself off the loop.
//
// A child that finishes at once does not suspend its parent, so a loop over ready data uses no stack. (Starting it by
// symmetric transfer would: g++ 12 makes that a plain call below -O2 and under a sanitizer.)
//
// A function that mostly has its result without waiting need not be a coroutine: it gives Task<T>::with(result), which
// has no frame, and leaves the rest to one that is.

#pragma once

#include <coroutine>
#include <cstddef>
#include <exception>
#include <optional>
#include <type_traits>
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

  // with() needs no frame.
  static constexpr bool holds_result = [] {
    if constexpr (std::is_void_v<T>) {
      return false;
    } else {
      return sizeof(T) <= 64;
    }
  }();

  Task() = default;
  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, {})), result_(std::move(other.result_)) {}
  Task& operator=(Task&& other) noexcept {
    if (this != &other) {
      reset();
      handle_ = std::exchange(other.handle_, {});
      result_ = std::move(other.result_);
    }
    return *this;
  }
  ~Task() { reset(); }

  // One that is done. It never was a coroutine, unless T is so large that every task would grow by it.
  template <class Value>
  static Task with(Value&& result) {
    if constexpr (holds_result) {
      Task task;
      task.result_.emplace(std::forward<Value>(result));
      return task;
    } else {
      return end_with(std::forward<Value>(result));
    }
  }

  // Cancels what still runs.
  void reset() {
    if (handle_) std::exchange(handle_, {}).destroy();
  }

  bool await_ready() const noexcept { return has_result(); }
  bool await_suspend(std::coroutine_handle<> parent) {
    handle_.resume();
    if (handle_.done()) return false;
    handle_.promise().parent = parent;
    return true;
  }
  T await_resume() { return take(); }

  // Runs it beside its owner, which keeps the Task and is not told of the end: the outermost coroutine of a connection.
  void start() {
    if (handle_) handle_.resume();
  }
  bool done() const { return has_result() || (handle_ && handle_.done()); }
  // Its result, once. REQUIRES: done().
  T take() {
    if constexpr (holds_result) {
      if (result_) return std::move(*result_);
    }
    return handle_.promise().take();
  }

 private:
  template <class>
  friend class Beside;
  using Handle = std::coroutine_handle<promise_type>;
  struct Nothing {};

  explicit Task(Handle handle) : handle_(handle) {}

  template <class Value>
  static Task end_with(Value result) {
    co_return result;
  }

  bool has_result() const {
    if constexpr (holds_result) {
      return result_.has_value();
    } else {
      return false;
    }
  }

  Handle handle_;
  [[no_unique_address]] std::conditional_t<holds_result, std::optional<T>, Nothing> result_;
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
  T take() { return task_.take(); }

  bool await_ready() const noexcept { return task_.done(); }
  void await_suspend(std::coroutine_handle<> waiter) { task_.handle_.promise().parent = waiter; }
  T await_resume() { return task_.take(); }

 private:
  Task<T> task_;
};

}  // namespace sallyport::net
