// SPDX-License-Identifier: Apache-2.0
// How close the process is to its caps, as a stage (reference: reliability-security.md 1, Envoy's overload manager, and
// 3.18). Each worker has one and asks it once a turn. Pure but for the stage that it is in.
//
// A stage begins at its share of a cap and ends five points below it, so that what it does to the share does not end it
// at once. Connections alone go no further than `shed`: who is over that cap waits in the kernel's queue, and to refuse
// requests would end no connection.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sallyport::proxy {

enum class Stage : std::uint8_t {
  calm,
  hurry,   // 85 %: times for idling, heads, bodies and lingering are a quarter
  shed,    // 92 %: no connection stays after its answer; idle ones end, the oldest first
  refuse,  // 95 %: requests are answered with 503, no connection is accepted
  cut,     // 98 %: the exchange that holds most is reset, again and again
};

inline constexpr std::size_t stage_count = 5;

// For people: what is done in it.
std::string_view describe(Stage stage);

class Pressure {
 public:
  Pressure(std::size_t bytes_cap, std::size_t connections_cap);

  Stage stage() const { return stage_; }
  Stage update(std::size_t bytes, std::size_t connections);

 private:
  // From which a stage begins, and is kept.
  struct Level {
    std::size_t bytes;
    std::size_t connections;

    bool is_reached(std::size_t by_bytes, std::size_t by_connections) const {
      return by_bytes >= bytes || by_connections >= connections;
    }
  };

  std::array<Level, stage_count> begins_;  // by stage
  std::array<Level, stage_count> lasts_;
  Stage stage_ = Stage::calm;
};

}  // namespace sallyport::proxy
