// SPDX-License-Identifier: Apache-2.0
#include "commands/echo.hpp"

#include <sys/resource.h>
#include <sys/socket.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <optional>
#include <ostream>
#include <string_view>
#include <utility>

#include "commands/echo_handler.hpp"
#include "commands/signals.hpp"
#include "http/h1/server.hpp"
#include "http/h2/server.hpp"
#include "net/acceptor.hpp"
#include "net/ledger.hpp"
#include "net/listening_sockets.hpp"
#include "net/loop.hpp"
#include "net/sleep.hpp"
#include "net/task.hpp"
#include "syntax/address.hpp"

namespace sallyport::commands {
namespace {

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// A reset instead of an end for all connections of the process, once it ends.
void reset_at_the_end() {
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  rlimit descriptors{};
  if (::getrlimit(RLIMIT_NOFILE, &descriptors) != 0) return;
  const int most = static_cast<int>(std::min<rlim_t>(descriptors.rlim_cur, 1 << 20));
  for (int fd = 0; fd < most; ++fd) {
    sockaddr_storage peer{};
    socklen_t size = sizeof(peer);
    if (::getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &size) != 0) continue;
    static_cast<void>(::setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once)));
  }
}

http::ServerSettings echo_settings() {
  http::ServerSettings settings;
  // It shows what arrives: no field is dropped, no path refused for its look. Runs of '/' count as one for the choice
  // of what to do only.
  settings.conduct.underscores = http::Underscores::keep;
  settings.conduct.path = {.keep_encoded_slash = true, .merge_slashes = true};
  settings.server_header = http::ServerHeader::off;
  // It bears more than a gateway before it, so that what is seen is the gateway's limits: a head that just passes there
  // arrives with what the gateway adds to it, and the slow are the gateway's to refuse.
  settings.limits.fields *= 2;
  settings.limits.head = 48 * 1024;
  settings.body.grace *= 6;
  settings.idle *= 2;
  return settings;
}

class Origin {
 public:
  Origin(net::Fd listening, EchoIdentity identity, AtTerm at_term, std::ostream& out)
      : at_term_(at_term), handler_(std::move(identity), out) {
    http1_.set_http2(
        [this](net::Socket::Released connection, const http::ConnectionFacts& facts, std::string_view received) {
          return http2_.accept(std::move(connection), facts, received);
        });
    acceptor_.emplace(loop_, std::move(listening), [this](net::Fd fd, const syntax::SocketAddress& peer) {
      http1_.accept(std::move(fd), http::ConnectionFacts::of(peer));
    });
  }

  void run() { loop_.run(); }

 private:
  void on_signal() {
    if (std::exchange(ending_, true) || at_term_ == AtTerm::exit) return loop_.stop();
    if (at_term_ == AtTerm::reset) {
      reset_at_the_end();
      return loop_.stop();
    }
    if (at_term_ == AtTerm::refuse) acceptor_.reset();
    http1_.drain();
    http2_.drain();
    drained_ = drained();
    drained_.start();
  }

  // Stops the loop once nobody has been connected for long enough.
  net::Task<void> drained() {
    const int enough = at_term_ == AtTerm::drain ? 20 : 1;
    for (int quiet = 0; quiet < enough;) {
      co_await net::Sleep(loop_, look_every);
      quiet = http1_.connections() + http2_.connections() == 0 ? quiet + 1 : 0;
    }
    loop_.stop();
  }

  static constexpr net::Duration look_every{50};

  AtTerm at_term_;
  bool ending_ = false;
  net::Loop loop_;
  Signals signals_{loop_, {SIGINT, SIGTERM}, [this](int) { on_signal(); }};
  net::Ledger ledger_{std::size_t{1} << 30};
  http::ServerSettings settings_ = echo_settings();
  EchoHandler handler_;
  http::h2::Server http2_{loop_, handler_, settings_, ledger_};
  http::h1::Server http1_{loop_, handler_, settings_, ledger_};
  std::optional<net::Acceptor> acceptor_;
  net::Task<void> drained_;
};

}  // namespace

int echo(const EchoOptions& options, std::ostream& out, std::ostream& err) {
  const auto address = syntax::SocketAddress::parse(options.listen);
  if (!address) {
    err << "sallyport echo: --listen " << options.listen << ": " << address.error().detail << '\n';
    return 1;
  }
  auto sockets = net::open_listening_sockets(*address, 1);
  if (!sockets) {
    err << "sallyport echo: " << sockets.error().detail << '\n';
    return 1;
  }
  EchoIdentity identity{.namespace_ = environment("NAMESPACE"),
                        .ingress = environment("INGRESS_NAME"),
                        .service = environment("SERVICE_NAME"),
                        .pod = environment("POD_NAME"),
                        .port = sockets->bound.port};
  Origin origin(std::move(sockets->by_slot.front()), std::move(identity), options.at_term, out);
  out << "listening on http://" << sockets->bound.text() << std::endl;
  origin.run();
  return 0;
}

}  // namespace sallyport::commands
