// SPDX-License-Identifier: Apache-2.0
#include "commands/supervisor.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "net/fd.hpp"
#include "support/loop_test.hpp"

namespace sallyport::commands {
namespace {

// What a supervisor hears, at a name that is no file.
class Hearing {
 public:
  Hearing() : fd_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::ranges::copy(name().substr(1), address.sun_path + 1);
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name().size());
    EXPECT_EQ(::bind(fd_.get(), reinterpret_cast<const sockaddr*>(&address), size), 0);
  }

  static std::string name() { return text::cat("@sallyport-supervisor-", ::getpid()); }

  // One message; empty if there is none.
  std::string hear() const {
    std::array<char, 512> bytes{};
    const ssize_t size = ::recv(fd_.get(), bytes.data(), bytes.size(), 0);
    return size > 0 ? std::string(bytes.data(), static_cast<std::size_t>(size)) : "";
  }

 private:
  net::Fd fd_;
};

class SupervisorTest : public support::LoopTest {};

TEST_F(SupervisorTest, HearsThatItIsReadyAndThatItEnds) {
  const Hearing supervisor;
  Supervisor told(loop_, {.socket = Hearing::name()}, [] { return true; });
  told.ready("serving");
  EXPECT_EQ(supervisor.hear(), "READY=1\nSTATUS=serving");
  told.stopping();
  EXPECT_EQ(supervisor.hear(), "STOPPING=1\nSTATUS=draining");
  EXPECT_EQ(supervisor.hear(), "") << "nobody watches";
}

TEST_F(SupervisorTest, HearsAgainAndAgainThatItIsAlive) {
  const Hearing supervisor;
  Supervisor told(loop_, {.socket = Hearing::name(), .watchdog = net::Duration(20)}, [] { return true; });
  int beats = 0;
  EXPECT_TRUE(run_until([&] {
    while (supervisor.hear() == "WATCHDOG=1") ++beats;
    return beats >= 3;
  }));
}

TEST_F(SupervisorTest, HearsNothingOfOneThatHangs) {
  const Hearing supervisor;
  bool alive = false;
  int asked = 0;
  Supervisor told(loop_, {.socket = Hearing::name(), .watchdog = net::Duration(20)}, [&] {
    ++asked;
    return alive;
  });
  ASSERT_TRUE(run_until([&] { return asked >= 3; }));
  EXPECT_EQ(supervisor.hear(), "");
  alive = true;
  EXPECT_TRUE(run_until([&] { return supervisor.hear() == "WATCHDOG=1"; }));
}

TEST_F(SupervisorTest, WithoutASupervisorNothingIsSaid) {
  Supervisor nobody(loop_, {}, [] { return true; });
  nobody.ready("serving");
  Supervisor gone(loop_, {.socket = "/nonexistent/notify"}, [] { return true; });
  gone.ready("serving");
  Supervisor too_long(loop_, {.socket = std::string(200, 'x')}, [] { return true; });
  too_long.ready("serving");
}

TEST_F(SupervisorTest, ThePlaceIsWhatTheSupervisorSays) {
  ::setenv("NOTIFY_SOCKET", "/run/notify", 1);
  ::setenv("WATCHDOG_USEC", "30000000", 1);
  EXPECT_EQ(Supervisor::place().socket, "/run/notify");
  EXPECT_EQ(Supervisor::place().watchdog, net::Duration(30'000));
  ::setenv("WATCHDOG_PID", "1", 1);
  EXPECT_EQ(Supervisor::place().watchdog, net::Duration(0)) << "for another process";
  ::setenv("WATCHDOG_PID", std::to_string(::getpid()).c_str(), 1);
  EXPECT_EQ(Supervisor::place().watchdog, net::Duration(30'000));
  for (const char* const name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"}) ::unsetenv(name);
  EXPECT_EQ(Supervisor::place().socket, "");
}

}  // namespace
}  // namespace sallyport::commands
