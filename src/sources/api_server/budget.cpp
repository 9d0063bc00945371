// SPDX-License-Identifier: Apache-2.0
#include "sources/api_server/budget.hpp"

#include <algorithm>

namespace sallyport::sources::api_server {
namespace {

std::chrono::microseconds cost_of(const Budget::Settings& settings) {
  return std::chrono::microseconds(1'000'000 / std::max(settings.per_second, 1U));
}

}  // namespace

// When the rate and the server allow it; max(): not before another one ends.
net::Time Budget::next_at(Urgency urgency) const {
  if (at_once_ >= settings_.at_once) return net::Time::max();
  const auto saved = cost_of(settings_) * (std::max(settings_.burst, 1U) - 1);
  return std::max(full_at_ - saved, held_until_[static_cast<std::size_t>(urgency)]);
}

// An urgent one that is held back is in nobody's way.
bool Budget::is_its_turn(Urgency urgency, const Waiting& waiting) const {
  if (!waiting.is_first() || next_at(urgency) > loop_.now()) return false;
  for (std::size_t at = 0; at < static_cast<std::size_t>(urgency); ++at) {
    if (!lines_[at].empty() && held_until_[at] <= loop_.now()) return false;
  }
  return true;
}

void Budget::spend() {
  full_at_ = std::max(full_at_, loop_.now()) + cost_of(settings_);
  ++at_once_;
}

void Budget::give_back() {
  --at_once_;
  changed_.wake();
}

net::Task<std::optional<Budget::Place>> Budget::admit(Urgency urgency, net::Time deadline) {
  const Waiting waiting(*this, urgency);
  bool waits = false;
  while (!is_its_turn(urgency, waiting)) {
    if (loop_.now() >= deadline) co_return std::nullopt;
    if (!std::exchange(waits, true)) ++waits_;
    // Who is not first, or has a more urgent one before it, hears of it.
    const net::Time next = next_at(urgency);
    co_await changed_.wait(next > loop_.now() ? std::min(deadline, next) : deadline);
  }
  spend();
  co_return Place(*this);
}

void Budget::hold(Urgency urgency, net::Duration time) {
  net::Time& until = held_until_[static_cast<std::size_t>(urgency)];
  until = std::max(until, loop_.now() + std::min(time, settings_.longest_hold));
}

}  // namespace sallyport::sources::api_server
