// SPDX-License-Identifier: Apache-2.0
#include "http/finish_connect.hpp"

#include <algorithm>
#include <expected>
#include <memory>
#include <utility>

#include "net/released.hpp"
#include "net/tls/connect.hpp"

namespace sallyport::http {
namespace {

Code code_of(net::tls::Reason reason) {
  switch (reason) {
    case net::tls::Reason::timeout:
      return Code::connect_timeout;
    case net::tls::Reason::overloaded:
      return Code::overloaded;
    case net::tls::Reason::untrusted:
      return Code::upstream_untrusted;
    default:
      return Code::upstream_tls;
  }
}

// Of a connection that nobody waits for any more, as ClientConnection does it.
class ResetOfGivenUp {
 public:
  explicit ResetOfGivenUp(net::Socket& socket) : socket_(&socket) {}
  ResetOfGivenUp(const ResetOfGivenUp&) = delete;
  ResetOfGivenUp& operator=(const ResetOfGivenUp&) = delete;
  ~ResetOfGivenUp() {
    if (socket_ != nullptr) socket_->reset_on_close();
  }

  void dismiss() { socket_ = nullptr; }

 private:
  net::Socket* socket_;
};

// What comes before HTTP: the greeting, and then the handshake, which says which of the two is spoken inside (ALPN).
// Nothing of a request was sent by then.
net::Task<Result<MadeConnection>> prepare(net::Loop& loop, net::Fd fd, Connecting how, net::Time deadline) {
  const ClientSettings& settings = how.settings;
  Error error{.code = Code::connect_failed, .retry_safe = true};
  net::Quota::Share share(how.quota);  // until it is one that exchanges go through
  net::Socket socket(loop, std::move(fd), nullptr, net::Loop::Order::first);
  if (!socket.registered()) error.code = Code::overloaded;
  if (!socket.registered()) co_return fail(error);
  ResetOfGivenUp reset(socket);
  const net::IoResult<void> connected = co_await socket.connected(std::min(deadline, loop.now() + settings.connect));
  if (!connected && connected.error() == net::IoError::timeout) error.code = Code::connect_timeout;
  if (!connected) co_return fail(error);
  if (!how.greeting.empty()) {
    const std::string_view nothing;
    const net::IoResult<void> greeted = co_await socket.write(how.greeting, nothing, settings.connect);
    if (!greeted) co_return fail(error);
  }
  std::expected<std::unique_ptr<net::tls::Stream>, net::tls::Refusal> stream;
  if (how.tls != nullptr) {
    stream = co_await net::tls::connect(socket, how.tls, std::min(deadline, loop.now() + settings.handshake));
  }
  reset.dismiss();
  if (!stream) {
    error.code = code_of(stream.error().reason);
    error.detail = stream.error().detail;
    co_return fail(error);
  }
  if (*stream != nullptr) socket.start_tls(std::move(*stream));
  const bool speaks_http2 = how.http2 && (how.tls == nullptr || socket.tls()->alpn == "h2");
  net::Socket::Released connection = socket.release();
  share.give_back();
  MadeConnection made;
  Result<void> usable;
  if (speaks_http2) {
    made.http2 = std::make_unique<h2::ClientConnection>(loop, std::move(connection), settings, how.ledger, how.quota);
    usable = made.http2->usable();
  } else {
    made.http1 = std::make_unique<h1::ClientConnection>(loop, std::move(connection), settings, how.ledger, how.quota);
    usable = made.http1->usable();
  }
  if (!usable) co_return Failure(usable.error());
  co_return made;
}

}  // namespace

net::Task<Result<MadeConnection>> finish_connect(net::Loop& loop, net::Fd fd, Connecting how, net::Time deadline) {
  if (how.tls != nullptr || !how.greeting.empty()) co_return co_await prepare(loop, std::move(fd), how, deadline);
  const net::Time latest = std::min(deadline, loop.now() + how.settings.connect);
  MadeConnection made;
  Result<void> connected;
  if (how.http2) {
    net::Socket::Released connection;
    connection.fd = std::move(fd);
    made.http2 =
        std::make_unique<h2::ClientConnection>(loop, std::move(connection), how.settings, how.ledger, how.quota);
    connected = co_await made.http2->connected(latest);
  } else {
    made.http1 = std::make_unique<h1::ClientConnection>(loop, std::move(fd), how.settings, how.ledger, how.quota);
    connected = co_await made.http1->connected(latest);
  }
  if (!connected) co_return Failure(connected.error());
  co_return made;
}

}  // namespace sallyport::http
