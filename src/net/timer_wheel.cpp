// SPDX-License-Identifier: Apache-2.0
#include "net/timer_wheel.hpp"

#include <algorithm>
#include <bit>

namespace sallyport::net {

Timer::~Timer() { TimerWheel::disarm(*this); }

std::uint64_t TimerWheel::tick_at_or_after(Time time) const {
  if (time <= start_) return 0;
  return static_cast<std::uint64_t>(std::chrono::ceil<Duration>(time - start_).count());
}

std::uint64_t TimerWheel::tick_at(Time time) const {
  if (time <= start_) return 0;
  return static_cast<std::uint64_t>(std::chrono::floor<Duration>(time - start_).count());
}

void TimerWheel::arm(Timer& timer, Time deadline) {
  // At least one tick ahead: what is due now fires on the next turn, never inside its own arm().
  const std::uint64_t tick = std::clamp(tick_at_or_after(deadline), now_ + 1, now_ + farthest);
  if (timer.wheel_ != nullptr && timer.slot_tick_ <= tick) {
    timer.deadline_ = tick;
    return;
  }
  disarm(timer);
  timer.deadline_ = tick;
  put(timer);
}

void TimerWheel::disarm(Timer& timer) {
  if (timer.wheel_ == nullptr) return;
  *timer.link_ = timer.next_;
  if (timer.next_ != nullptr) timer.next_->link_ = timer.link_;
  timer.wheel_ = nullptr;
}

// Into the level of the highest digit in which the deadline differs from now: it comes up when that digit is reached.
void TimerWheel::put(Timer& timer) {
  const std::uint64_t differs = timer.deadline_ ^ now_;
  const std::size_t level =
      std::min<std::size_t>(levels - 1, static_cast<std::size_t>(std::bit_width(differs | 1) - 1) / slot_bits);
  const std::uint64_t slot = (timer.deadline_ >> (level * slot_bits)) % slots;
  Timer*& head = slots_[level][slot];
  timer.slot_tick_ = timer.deadline_;
  timer.wheel_ = this;
  timer.next_ = head;
  timer.link_ = &head;
  if (head != nullptr) head->link_ = &timer.next_;
  head = &timer;
  used_[level] |= std::uint64_t{1} << slot;
}

// Fires what is due in the slot, puts the rest where it belongs now. Nodes may come and go while one fires.
void TimerWheel::take_slot(std::size_t level, std::uint64_t slot) {
  used_[level] &= ~(std::uint64_t{1} << slot);
  Timer* taken = slots_[level][slot];  // a list of its own, so that what fires may arm into the slot again
  slots_[level][slot] = nullptr;
  if (taken != nullptr) taken->link_ = &taken;
  while (taken != nullptr) {
    Timer& timer = *taken;
    disarm(timer);
    if (timer.deadline_ <= now_) {
      timer.fire();
    } else {
      put(timer);
    }
  }
}

// Ticks before it have nothing to do: the next used slot of level 0, or the start of its next round.
std::uint64_t TimerWheel::next_busy_tick() const {
  const std::uint64_t next = now_ + 1;
  const std::uint64_t position = next % slots;
  if (position == 0) return next;
  const std::uint64_t ahead = used_[0] >> position;
  return ahead != 0 ? next + static_cast<std::uint64_t>(std::countr_zero(ahead)) : next + (slots - position);
}

void TimerWheel::advance(Time time) {
  const std::uint64_t target = tick_at(time);
  while (now_ < target) {
    const std::uint64_t next = next_busy_tick();
    now_ = std::min(next, target);
    if (next > target) return;
    for (std::size_t level = 1; level < levels && now_ % (std::uint64_t{1} << (level * slot_bits)) == 0; ++level) {
      take_slot(level, (now_ >> (level * slot_bits)) % slots);
    }
    take_slot(0, now_ % slots);
  }
}

std::optional<Duration> TimerWheel::sleep_from(Time time) const {
  for (std::size_t level = 0; level < levels; ++level) {
    if (used_[level] == 0) continue;
    // The first used slot from here on, in the order in which they come up, begins at this tick.
    const auto shift = static_cast<unsigned>(level) * slot_bits;
    const std::uint64_t here = now_ >> shift;
    const auto distance =
        static_cast<std::uint64_t>(std::countr_zero(std::rotr(used_[level], static_cast<int>(here % slots))));
    const std::uint64_t due = std::max((here + distance) << shift, now_ + 1);
    const std::uint64_t tick = tick_at(time);
    return Duration(due > tick ? due - tick : 0);
  }
  return std::nullopt;
}

}  // namespace sallyport::net
