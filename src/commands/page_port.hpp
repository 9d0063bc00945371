// SPDX-License-Identifier: Apache-2.0
// A port of pages of our own on control's loop: health, admin. Few connections at once, so that descriptors are for
// clients.

#pragma once

#include <cstddef>
#include <memory>
#include <utility>

#include "http/h1/server.hpp"
#include "http/incoming.hpp"
#include "net/acceptor.hpp"
#include "net/ledger.hpp"
#include "net/loop.hpp"

namespace sallyport::commands {

class PagePort {
 public:
  PagePort(net::Loop& loop, std::unique_ptr<http::Handler> pages, net::Fd listening)
      : pages_(std::move(pages)),
        server_(loop, *pages_, settings_, ledger_),
        acceptor_(loop, std::move(listening), [this](net::Fd fd, const syntax::SocketAddress& peer) {
          if (server_.connections() < most_connections) server_.accept(std::move(fd), http::ConnectionFacts::of(peer));
        }) {}
  PagePort(const PagePort&) = delete;
  PagePort& operator=(const PagePort&) = delete;

 private:
  static constexpr std::size_t most_connections = 64;  // more are closed at once
  static constexpr net::Duration patience{5'000};      // so that idle ones shut nobody out for long

  http::ServerSettings settings_{.head = patience, .idle = patience};
  net::Ledger ledger_{64 * 1024 * 1024};
  std::unique_ptr<http::Handler> pages_;
  http::h1::Server server_;
  net::Acceptor acceptor_;
};

}  // namespace sallyport::commands
