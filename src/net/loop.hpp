// SPDX-License-Identifier: Apache-2.0
// One thread's world: descriptors, deadlines, messages from other threads, and work put off to the end of a turn.
//
// All members belong to the thread that calls run(), except post(), stop() and last_turn(). Nothing is delivered from
// inside a call of the loop's users: every event comes from run(), so no code is re-entered.

#pragma once

#include <sys/epoll.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <utility>
#include <vector>

#include "base/own_lines.hpp"
#include "net/buffer_pool.hpp"
#include "net/fd.hpp"
#include "net/outbox.hpp"
#include "net/pipe.hpp"
#include "net/timer_wheel.hpp"

namespace sallyport::net {

// Whoever wants to know of a descriptor's events (EPOLLIN …).
class Watcher {
 public:
  virtual void on_events(std::uint32_t events) = 0;
  // Its events are soon to come: what they will need may be fetched into the cache.
  virtual void prefetch() const {}

 protected:
  ~Watcher() = default;
};

// Work for the end of this turn: an intrusive node, at most once in the list. Destroying it takes it out.
class Deferred {
 public:
  Deferred() = default;
  Deferred(const Deferred&) = delete;
  Deferred& operator=(const Deferred&) = delete;

 protected:
  virtual ~Deferred() { take_out(); }
  virtual void at_turn_end() = 0;

 private:
  friend class Loop;
  void take_out() {
    if (link_ == nullptr) return;
    *link_ = next_;
    if (next_ != nullptr) next_->link_ = link_;
    link_ = nullptr;
  }

  Deferred* next_ = nullptr;
  Deferred** link_ = nullptr;
};

// What nobody waits for and goes on by itself: the loop owns it until it says that it is done, or the loop ends.
class Lingering {
 public:
  Lingering() = default;
  Lingering(const Lingering&) = delete;
  Lingering& operator=(const Lingering&) = delete;
  virtual ~Lingering() = default;
};

class Loop {
 public:
  using Message = std::move_only_function<void()>;

  Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;
  ~Loop();

  // Runs until stop(), and may be called again. Everything registered must be gone before the loop is destroyed.
  void run();

  // From any thread. Messages of one thread arrive in order.
  void post(Message message);
  // From any thread: run() returns at the end of its turn.
  void stop();
  // From any thread: when the current turn began, by the monotonic clock; zero before run(). A loop that hangs stops
  // moving it.
  Duration last_turn() const { return Duration(last_turn_.load(std::memory_order_relaxed)); }

  // The clock, read once a turn.
  Time now() const { return now_; }
  // The wall clock, read at most once a turn: for logs, Date and certificates only, never for a deadline.
  std::chrono::system_clock::time_point wall() {
    if (wall_of_ != now_) {
      wall_of_ = now_;
      wall_ = std::chrono::system_clock::now();
    }
    return wall_;
  }
  TimerWheel& timers() { return timers_; }
  BufferPool& buffers() { return buffers_; }
  const BufferPool& buffers() const { return buffers_; }
  Outbox& outbox() { return outbox_; }
  PipePool& pipes() { return pipes_; }

  // What ends work that is under way comes before what begins more of it: then there is less of it at a time, and what
  // it left in the cache is still there.
  enum class Order : std::uint8_t { first, later };

  // False when the kernel refuses (out of memory, or fs.epoll.max_user_watches).
  [[nodiscard]] bool add(int fd, std::uint32_t events, Watcher& watcher, Order order = Order::later);
  void remove(int fd, const Watcher& watcher);
  // The same for a descriptor that is closed at once, of which there is no copy: closing it takes it out of epoll.
  void forget(const Watcher& watcher);

  void defer(Deferred& work);

  // Takes it over; drop() destroys it.
  void keep(std::unique_ptr<Lingering> one) { lingering_.push_back(std::move(one)); }
  void drop(const Lingering& one) {
    std::erase_if(lingering_, [&](const auto& kept) { return kept.get() == &one; });
  }

  // Called once a turn, after all else: to publish what the turn wrote.
  void set_after_turn(std::move_only_function<void()> call) { after_turn_ = std::move(call); }

 private:
  static constexpr std::size_t batch = 256;
  static constexpr std::size_t most_waiting = 4096;  // events that are known and not delivered
  static constexpr std::size_t later_a_round = 64;   // of Order::later, before others are looked for again

  // Events that are known, by their order; those from `at` on are not delivered.
  struct Known {
    LineVector<epoll_event> events;
    std::size_t at = 0;

    std::span<epoll_event> undelivered() { return std::span(events).subspan(at); }
  };

  void note_turn();
  void poll(int milliseconds);
  void deliver_round();
  void deliver(Known& known, std::size_t most);
  static Watcher* watcher_of(const epoll_event& event);
  static void prefetch(std::span<const epoll_event> coming);
  void take_messages();
  void run_deferred();
  int wait_milliseconds() const;

  Fd epoll_;
  Fd wake_;
  Time now_;
  Time wall_of_{};  // the turn that wall_ was read in
  std::chrono::system_clock::time_point wall_{};
  TimerWheel timers_;
  BufferPool buffers_;
  Outbox outbox_;
  PipePool pipes_;
  Known first_;
  Known later_;
  Deferred* deferred_ = nullptr;
  std::move_only_function<void()> after_turn_;
  bool woken_ = false;
  std::mutex messages_mutex_;
  std::vector<Message> messages_;
  std::atomic<bool> stopping_ = false;
  std::atomic<bool> unheard_ = false;                           // a message whose ringing failed
  alignas(line_size) std::atomic<std::int64_t> last_turn_ = 0;  // milliseconds
  std::vector<std::unique_ptr<Lingering>> lingering_;
};

}  // namespace sallyport::net
