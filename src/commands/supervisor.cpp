// SPDX-License-Identifier: Apache-2.0
#include "commands/supervisor.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <utility>

#include "base/number.hpp"
#include "base/text.hpp"
#include "net/fd.hpp"

namespace sallyport::commands {
namespace {

std::string_view environment(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? std::string_view() : std::string_view(value);
}

}  // namespace

Supervisor::Place Supervisor::place() {
  Place place{.socket = std::string(environment("NOTIFY_SOCKET"))};
  const auto microseconds = parse_decimal<std::uint64_t>(environment("WATCHDOG_USEC"));
  const auto process = parse_decimal<std::uint64_t>(environment("WATCHDOG_PID"));
  const bool is_for_us = !process || *process == static_cast<std::uint64_t>(::getpid());
  constexpr std::uint64_t day = 86'400'000;
  if (microseconds && is_for_us) {
    place.watchdog = net::Duration(static_cast<std::int64_t>(std::min(*microseconds / 1000, day)));
  }
  return place;
}

Supervisor::Supervisor(net::Loop& loop, Place place, std::move_only_function<bool()> alive)
    : loop_(loop), place_(std::move(place)), alive_(std::move(alive)) {
  if (!place_.socket.empty() && place_.watchdog > net::Duration(1)) beat();
}

void Supervisor::ready(std::string_view status) { tell(text::cat("READY=1\nSTATUS=", status)); }

void Supervisor::stopping() { tell("STOPPING=1\nSTATUS=draining"); }

// Twice as often as it has to be.
void Supervisor::beat() {
  loop_.timers().arm(pulse_, loop_.now() + place_.watchdog / 2);
  if (alive_()) tell("WATCHDOG=1");
}

// Lost if nobody reads it: the supervisor must not be able to hold us up.
void Supervisor::tell(std::string_view message) const {
  sockaddr_un address{};
  if (place_.socket.empty() || place_.socket.size() >= sizeof address.sun_path) return;
  address.sun_family = AF_UNIX;
  std::ranges::copy(place_.socket, address.sun_path);
  if (place_.socket.front() == '@') address.sun_path[0] = '\0';
  const net::Fd fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) return;
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + place_.socket.size());
  ::sendto(fd.get(), message.data(), message.size(), MSG_NOSIGNAL, reinterpret_cast<const sockaddr*>(&address), size);
}

}  // namespace sallyport::commands
