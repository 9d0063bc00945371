// SPDX-License-Identifier: Apache-2.0
// Where many coroutines wait for the same thing. Places are intrusive nodes: however many wait, coming, going and being
// told costs each of them the same.
//
// Belongs to one loop's thread. Who waits takes itself off.

#pragma once

#include <utility>

#include "net/loop.hpp"
#include "net/signal.hpp"
#include "net/task.hpp"

namespace sallyport::net {

// Told from where a coroutine may run: not from inside of what they wait for.
class Waiters {
  // A ring: a node that is alone points at itself, and may leave without anybody else's help.
  struct Link {
    Link() = default;
    Link(const Link&) = delete;
    Link& operator=(const Link&) = delete;
    ~Link() { take_out(); }

    void take_out() {
      before->next = next;
      next->before = before;
      before = next = this;
    }
    void put_before(Link& other) {
      before = other.before;
      next = &other;
      before->next = this;
      other.before = this;
    }

    Link* before = this;
    Link* next = this;
  };

 public:
  // In the list as long as it lives. A signal may have places in several lists: then any of them tells it.
  class Place final : private Link {
   public:
    Place(Waiters& at, Signal& signal) : signal_(signal) { put_before(at.all_); }

   private:
    friend class Waiters;
    Signal& signal_;
  };

  Waiters() = default;
  Waiters(const Waiters&) = delete;
  Waiters& operator=(const Waiters&) = delete;

  bool empty() const { return all_.next == &all_; }
  // Until notify_all(), or the deadline: false.
  Task<bool> wait(Loop& loop, Time deadline) {
    Signal signal;
    Place place(*this, signal);
    const bool in_time = co_await signal.wait(loop, deadline);
    co_return in_time;
  }
  // Runs those who wait now, the first first. Any of them may end others, or destroy this; who waits again, waits on.
  void notify_all() {
    Link now;
    now.put_before(all_);
    all_.take_out();
    while (now.next != &now) {
      Place& first = static_cast<Place&>(*now.next);
      first.take_out();
      first.signal_.notify();
    }
  }

 private:
  Link all_;
};

// The same, told at the end of a turn, from the loop: whoever says wake() is not re-entered.
class DeferredWaiters final : private Deferred {
 public:
  explicit DeferredWaiters(Loop& loop) : loop_(loop) {}
  DeferredWaiters(const DeferredWaiters&) = delete;
  DeferredWaiters& operator=(const DeferredWaiters&) = delete;
  ~DeferredWaiters() override = default;

  // Until wake(), or the deadline. What is waited for may be gone again by then.
  Task<void> wait(Time deadline) { static_cast<void>(co_await all_.wait(loop_, deadline)); }
  // For who waits for other things, too.
  Waiters& list() { return all_; }
  // All who wait by the end of this turn.
  void wake() {
    if (!all_.empty()) loop_.defer(*this);
  }

 private:
  void at_turn_end() override { all_.notify_all(); }

  Loop& loop_;
  Waiters all_;
};

}  // namespace sallyport::net
