// SPDX-License-Identifier: Apache-2.0
// How it stands with one kind that is read from an API server, for the metrics. Values.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "net/timer_wheel.hpp"

namespace sallyport::sources::api_server {

// Of several resources of one kind the latest of these counts.
enum class KindState : std::uint8_t {
  live,        // listed and watched
  waiting,     // not listed yet
  stale,       // no answer, or none that says anything: what is in force is that of before
  forbidden,   // it may not be listed and watched, or the API server refuses otherwise
  not_served,  // the API server has no such kind
};

inline constexpr std::array<std::string_view, 5> kind_states = {"live", "waiting", "stale", "forbidden", "not_served"};

struct KindFigures {
  std::string kind;  // "ingresses.networking.k8s.io"
  KindState state = KindState::live;
  std::optional<net::Duration>
      age;                        // of what is in force: since the server last said anything of it; the oldest counts
  std::uint64_t objects = 0;      // that are known; of Secrets and ConfigMaps their names
  std::uint64_t lists = 0;        // that came whole
  std::uint64_t lost_events = 0;  // objects that a list had and no watch had told of
};

}  // namespace sallyport::sources::api_server
