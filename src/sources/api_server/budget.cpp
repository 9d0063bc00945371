// SPDX-License-Identifier: Apache-2.0
#include "sources/api_server/budget.hpp"

#include <algorithm>

namespace sallyport::sources::api_server {

Budget::Budget(net::Loop& loop, const Settings& settings)
    : loop_(loop),
      settings_(settings),
      bucket_(settings.interval, std::max(settings.burst, 1U)),
      bucket_of_many_(settings.interval_of_many, std::max(settings.burst_of_many, 1U)),
      changed_(loop) {}

// When the rate and the server allow it; max(): not before another one ends.
net::Time Budget::next_at(Urgency urgency) {
  if (at_once_ >= settings_.at_once) return net::Time::max();
  return std::max(bucket(urgency).next(), held_until_[static_cast<std::size_t>(urgency)]);
}

// An urgent one that is held back, or that its own rate does not let go, is in nobody's way.
bool Budget::is_its_turn(Urgency urgency, const Waiting& waiting) {
  if (!waiting.is_first() || next_at(urgency) > loop_.now()) return false;
  for (std::size_t at = 0; at < static_cast<std::size_t>(urgency); ++at) {
    if (!lines_[at].empty() && next_at(static_cast<Urgency>(at)) <= loop_.now()) return false;
  }
  return true;
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
  bucket(urgency).take(loop_.now());
  ++at_once_;
  co_return Place(*this);
}

void Budget::hold(Urgency urgency, net::Duration time) {
  net::Time& until = held_until_[static_cast<std::size_t>(urgency)];
  until = std::max(until, loop_.now() + std::min(time, settings_.longest_hold));
}

}  // namespace sallyport::sources::api_server
