// SPDX-License-Identifier: Apache-2.0
// Deadlines of one thread: a hierarchical wheel with millisecond ticks and intrusive nodes.
//
// Arming costs a few stores. Moving a deadline to later is one store: the node stays in its old slot, and is put where
// it belongs when that slot comes up. A timer never fires early, and at most one turn of the loop late.

#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>

namespace sallyport::net {

using Clock = std::chrono::steady_clock;
using Time = Clock::time_point;
using Duration = std::chrono::milliseconds;

class TimerWheel;

// Fires once, on the loop. Destroying it disarms it.
class Timer {
 public:
  Timer() = default;
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

 protected:
  virtual ~Timer();

  // The timer is disarmed when this is called, and may be armed again or destroyed by it.
  virtual void fire() = 0;

 private:
  friend class TimerWheel;

  TimerWheel* wheel_ = nullptr;  // null: not armed
  Timer* next_ = nullptr;
  Timer** link_ = nullptr;       // what points at this node
  std::uint64_t deadline_ = 0;   // tick
  std::uint64_t slot_tick_ = 0;  // the tick for which it was put in its slot; never after deadline_
};

class TimerWheel {
 public:
  explicit TimerWheel(Time start) : start_(start) {}
  TimerWheel(const TimerWheel&) = delete;
  TimerWheel& operator=(const TimerWheel&) = delete;

  void arm(Timer& timer, Time deadline);
  static void disarm(Timer& timer);

  // Fires all whose deadline is not after `now`.
  void advance(Time now);

  // How long the loop may sleep; none when nothing is armed. May be too short, and is too long by less than a tick: to
  // wake up before the tick would be to spin until it.
  std::optional<Duration> sleep_from(Time now) const;

 private:
  static constexpr std::size_t levels = 6;
  static constexpr unsigned slot_bits = 6;
  static constexpr std::uint64_t slots = 1U << slot_bits;
  static constexpr std::uint64_t farthest = (std::uint64_t{1} << (levels * slot_bits)) / 2;  // a year of ticks

  std::uint64_t tick_at_or_after(Time time) const;
  std::uint64_t tick_at(Time time) const;
  std::uint64_t next_busy_tick() const;
  void put(Timer& timer);
  void take_slot(std::size_t level, std::uint64_t slot);

  std::array<std::array<Timer*, slots>, levels> slots_{};
  std::array<std::uint64_t, levels> used_{};  // a bit for each slot that may hold a node
  std::uint64_t now_ = 0;                     // every tick up to it has fired
  Time start_;
};

}  // namespace sallyport::net
