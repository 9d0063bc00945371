// SPDX-License-Identifier: Apache-2.0
// Tells the supervisor how it goes, in the words of sd_notify(3): one datagram each, to the Unix socket that
// NOTIFY_SOCKET names. Without one it says nothing. Where the supervisor wants to hear regularly that the program is
// alive (WATCHDOG_USEC), it does as long as that is so. Belongs to its loop's thread; never waits.

#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "net/loop.hpp"
#include "net/timer_wheel.hpp"

namespace sallyport::commands {

class Supervisor {
 public:
  struct Place {
    std::string socket;         // a path, or a name behind '@'; empty: there is no supervisor
    net::Duration watchdog{0};  // silence for so long means that the program hangs; 0: nobody watches
  };
  // As the supervisor gave it to this process.
  static Place place();

  Supervisor(net::Loop& loop, Place place, std::move_only_function<bool()> alive);
  Supervisor(const Supervisor&) = delete;
  Supervisor& operator=(const Supervisor&) = delete;

  void ready(std::string_view status);
  void stopping();

 private:
  struct Pulse final : net::Timer {
    explicit Pulse(Supervisor& of) : supervisor(of) {}
    void fire() override { supervisor.beat(); }
    Supervisor& supervisor;
  };

  void tell(std::string_view message) const;
  void beat();

  net::Loop& loop_;
  const Place place_;
  std::move_only_function<bool()> alive_;
  Pulse pulse_{*this};
};

}  // namespace sallyport::commands
