// SPDX-License-Identifier: Apache-2.0
// How long to wait before the next try: twice as long each time up to a limit, each time by chance between half and all
// of it, so that what failed together does not come back together. Pure apart from the seed of the chance.

#pragma once

#include <cstdint>
#include <optional>

#include "net/timer_wheel.hpp"

namespace sallyport::sources::api_server {

// What another side asks for (Retry-After) is believed up to this.
inline constexpr net::Duration longest_asked{60'000};

// Random enough for waits (splitmix64).
class Chance {
 public:
  // A seed of the system's.
  Chance();
  explicit Chance(std::uint64_t seed) : state_(seed) {}

  // From `least` to `most`.
  net::Duration between(net::Duration least, net::Duration most);

 private:
  std::uint64_t state_;
};

class Backoff {
 public:
  Backoff(net::Duration first, Chance& chance) : first_(first), chance_(chance) {}

  // `least` is what the other side asks for, `longest_asked` at most; some is added to it, for it asks everybody for
  // the same.
  net::Duration next(net::Duration most, std::optional<net::Duration> least = {});
  void reset() { failures_ = 0; }
  // How many waits there were since.
  unsigned failures() const { return failures_; }

 private:
  net::Duration first_;
  Chance& chance_;
  unsigned failures_ = 0;
};

}  // namespace sallyport::sources::api_server
