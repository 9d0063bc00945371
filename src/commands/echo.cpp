// SPDX-License-Identifier: Apache-2.0
#include "commands/echo.hpp"

#include <csignal>
#include <cstdlib>
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
#include "syntax/address.hpp"

namespace sallyport::commands {
namespace {

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

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
  net::Loop loop;
  const Signals signals(loop, {SIGINT, SIGTERM}, [&](int) { loop.stop(); });
  net::Ledger ledger(std::size_t{1} << 30);
  http::ServerSettings settings;
  // It shows what arrives: no field is dropped, no path refused for its look. Runs of '/' count as one for the choice
  // of what to do only.
  settings.conduct.underscores = http::Underscores::keep;
  settings.conduct.path = {.keep_encoded_slash = true, .merge_slashes = true};
  settings.server_header = http::ServerHeader::off;
  EchoHandler handler({.namespace_ = environment("NAMESPACE"),
                       .ingress = environment("INGRESS_NAME"),
                       .service = environment("SERVICE_NAME"),
                       .pod = environment("POD_NAME"),
                       .port = sockets->bound.port},
                      out);
  http::h2::Server http2(loop, handler, settings, ledger);
  http::h1::Server server(loop, handler, settings, ledger);
  server.set_http2(
      [&http2](net::Socket::Released connection, const http::ConnectionFacts& facts, std::string_view received) {
        return http2.accept(std::move(connection), facts, received);
      });
  const net::Acceptor acceptor(loop, std::move(sockets->by_slot.front()),
                               [&](net::Fd fd, const syntax::SocketAddress& peer) {
                                 server.accept(std::move(fd), http::ConnectionFacts::of(peer));
                               });
  out << "listening on http://" << sockets->bound.text() << std::endl;
  loop.run();
  return 0;
}

}  // namespace sallyport::commands
