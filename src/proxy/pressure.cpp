// SPDX-License-Identifier: Apache-2.0
#include "proxy/pressure.hpp"

#include <limits>

namespace sallyport::proxy {
namespace {

constexpr std::array<std::size_t, stage_count> percents = {0, 85, 92, 95, 98};
constexpr std::size_t slack = 5;  // percent points
constexpr std::size_t never = std::numeric_limits<std::size_t>::max();

// Rounded up, so that of a small cap all of it is not a little of it.
std::size_t share(std::size_t cap, std::size_t percent) {
  return cap / 100 * percent + (cap % 100 * percent + 99) / 100;
}

Stage next(Stage stage, int by) { return static_cast<Stage>(static_cast<int>(stage) + by); }

}  // namespace

std::string_view describe(Stage stage) {
  switch (stage) {
    case Stage::calm:
      return "none";
    case Stage::hurry:
      return "clients are waited for a quarter as long";
    case Stage::shed:
      return "no connection of a client is kept, idle ones end";
    case Stage::refuse:
      return "requests are answered with 503, nothing is accepted";
    case Stage::cut:
      return "the exchanges that hold most are cut off";
  }
  return "";
}

Pressure::Pressure(std::size_t bytes_cap, std::size_t connections_cap) {
  for (std::size_t at = 0; at < stage_count; ++at) {
    const bool by_connections = static_cast<Stage>(at) <= Stage::shed;
    const std::size_t begin = percents[at];
    const std::size_t end = begin > slack ? begin - slack : 0;
    begins_[at] = {share(bytes_cap, begin), by_connections ? share(connections_cap, begin) : never};
    lasts_[at] = {share(bytes_cap, end), by_connections ? share(connections_cap, end) : never};
  }
}

Stage Pressure::update(std::size_t bytes, std::size_t connections) {
  const auto at = [](Stage stage) { return static_cast<std::size_t>(stage); };
  while (stage_ != Stage::cut && begins_[at(next(stage_, 1))].is_reached(bytes, connections)) stage_ = next(stage_, 1);
  while (stage_ != Stage::calm && !lasts_[at(stage_)].is_reached(bytes, connections)) stage_ = next(stage_, -1);
  return stage_;
}

}  // namespace sallyport::proxy
