// SPDX-License-Identifier: Apache-2.0
// How long to wait before a connect after so many failures in a row: anything up to a span that doubles from the base
// to the cap, so that those who lost the same server do not all come back to it at once ("full jitter"; reference:
// reliability-security.md 3.6). Pure.

#pragma once

#include <algorithm>
#include <cstdint>

#include "net/timer_wheel.hpp"

namespace sallyport::sources::api_server {

struct ConnectPause {
  net::Duration base{500};
  net::Duration cap{30'000};
};

// `random` decides within the span: 0 is nothing, the largest value all of it. After no failure there is no wait.
constexpr net::Duration pause_after(const ConnectPause& pause, unsigned failures, std::uint32_t random) {
  if (failures == 0) return net::Duration(0);
  const std::int64_t doubled = pause.base.count() << std::min(failures - 1, 20U);
  const auto span = static_cast<std::uint64_t>(std::min(doubled, pause.cap.count()));
  return net::Duration(static_cast<std::int64_t>((span * random) / UINT32_MAX));
}

}  // namespace sallyport::sources::api_server
