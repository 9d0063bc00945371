// SPDX-License-Identifier: Apache-2.0
#include "sources/api_server/backoff.hpp"

#include <sys/random.h>

#include <algorithm>

namespace sallyport::sources::api_server {

Chance::Chance() : state_(static_cast<std::uint64_t>(net::Clock::now().time_since_epoch().count())) {
  std::uint64_t seed = 0;
  if (::getrandom(&seed, sizeof seed, 0) == sizeof seed) state_ = seed;
}

net::Duration Chance::between(net::Duration least, net::Duration most) {
  state_ += 0x9E3779B97F4A7C15U;
  std::uint64_t mixed = (state_ ^ (state_ >> 30U)) * 0xBF58476D1CE4E5B9U;
  mixed = (mixed ^ (mixed >> 27U)) * 0x94D049BB133111EBU;
  mixed ^= mixed >> 31U;
  const auto room = static_cast<std::uint64_t>(std::max<std::int64_t>(0, (most - least).count())) + 1;
  return least + net::Duration(static_cast<std::int64_t>(mixed % room));
}

net::Duration Backoff::next(net::Duration most, std::optional<net::Duration> least) {
  constexpr unsigned most_doublings = 20;
  const net::Duration step = std::min(most, first_ * (1 << std::min(failures_, most_doublings)));
  ++failures_;
  const net::Duration wait = chance_.between(step / 2, step);
  return least ? std::min(*least, longest_asked) + std::min(wait, first_) : wait;
}

}  // namespace sallyport::sources::api_server
