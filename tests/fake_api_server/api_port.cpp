// SPDX-License-Identifier: Apache-2.0
#include "fake_api_server/api_port.hpp"

#include <utility>

#include "net/listening_sockets.hpp"
#include "net/tls/credentials.hpp"
#include "net/tls/server_context.hpp"

namespace sallyport::fake_api {

// A client's handshake; its port forgets it at the end of the turn in which it is over.
class Handshake final : private net::Deferred, private net::tls::Chooser {
 public:
  Handshake(ApiPort& of, net::Fd fd, const http::ConnectionFacts& facts)
      : port_(of), ledger_(std::size_t{64} << 10U, &of.ledger_), fd_(std::move(fd)), facts_(facts) {}

  void start(std::list<std::unique_ptr<Handshake>>::iterator place) {
    place_ = place;
    task_ = run();
    task_.start();
  }

 private:
  net::Task<void> run() {
    std::string early;
    net::tls::Chooser& chooser = *this;
    const net::tls::AcceptTimes times;
    auto accepted = co_await net::tls::accept(port_.loop_, port_.library_, ledger_, std::move(fd_), std::move(early),
                                              chooser, times);
    if (accepted) {
      facts_.tls = &accepted->stream->facts();
      facts_.is_secure = true;
      facts_.protocol = facts_.tls->alpn == "h2" ? http::Version::http2 : http::Version::http11;
      net::Socket::Released connection;
      connection.fd = std::move(accepted->fd);
      connection.stream = std::move(accepted->stream);
      port_.serve(std::move(connection), facts_);
    }
    port_.loop_.defer(*this);
  }
  std::expected<net::tls::Choice, net::tls::Reason> choose(const net::tls::ClientHello&) override {
    return net::tls::Choice{.context = port_.context_, .credentials = port_.credentials_};
  }
  void at_turn_end() override { port_.handshakes_.erase(place_); }  // destroys this

  ApiPort& port_;
  net::Ledger ledger_;
  net::Fd fd_;
  http::ConnectionFacts facts_;
  std::list<std::unique_ptr<Handshake>>::iterator place_;
  net::Task<void> task_;
};

ApiPort::ApiPort(net::Loop& loop, http::Handler& handler)
    : loop_(loop), handler_(handler), library_(net::tls::TicketSeed::random()) {
  constexpr std::chrono::hours long_time{1};
  settings_.idle = long_time;
  settings_.write_stall = long_time;
  settings_.http2.streams = 250;
  settings_.http2.connection_bytes = std::size_t{256} << 20U;
  settings_.connection_bytes = std::size_t{256} << 20U;
  settings_.conduct.path = {.keep_encoded_slash = true};
  settings_.server_header = http::ServerHeader::off;
  make_servers();
}

ApiPort::~ApiPort() {
  acceptor_.reset();
  handshakes_.clear();
}

Result<void> ApiPort::use(const Identity& identity) {
  net::tls::ServerPolicy policy{.protocols = {"h2", "http/1.1"}, .client_ca = identity.client_ca};
  if (!identity.client_ca.empty()) policy.clients = net::tls::ClientValidation::optional;
  auto context = net::tls::ServerContext::make(library_, policy);
  if (!context) return Failure(context.error());
  auto credentials = net::tls::Credentials::make(library_, identity.certificate, identity.key);
  if (!credentials) return Failure(credentials.error());
  context_ = std::move(*context);
  credentials_ = std::move(*credentials);
  return {};
}

void ApiPort::make_servers() {
  http2_.emplace(loop_, handler_, settings_, ledger_);
  http1_.emplace(loop_, handler_, settings_, ledger_);
  http1_->set_http2(
      [this](net::Socket::Released connection, const http::ConnectionFacts& facts, std::string_view received) {
        return http2_->accept(std::move(connection), facts, received);
      });
}

Result<void> ApiPort::listen(const syntax::SocketAddress& address) {
  auto sockets = net::open_listening_sockets(address, 1);
  if (!sockets) return Failure(sockets.error());
  bound_ = sockets->bound;
  acceptor_.emplace(loop_, std::move(sockets->by_slot.front()),
                    [this](net::Fd fd, const syntax::SocketAddress& peer) { accept(std::move(fd), peer); });
  return {};
}

Result<void> ApiPort::set_mode(Mode mode) {
  mode_ = mode;
  if (mode != Mode::ignore) ignored_.clear();
  if (mode == Mode::refuse) acceptor_.reset();
  if (mode == Mode::refuse || acceptor_) return {};
  const syntax::SocketAddress same = bound_;
  return listen(same);
}

void ApiPort::accept(net::Fd fd, const syntax::SocketAddress& peer) {
  ++accepted_;
  const http::ConnectionFacts facts = http::ConnectionFacts::of(peer);
  if (mode_ == Mode::ignore) {
    ignored_.push_back(std::move(fd));
  } else if (context_ == nullptr) {
    http1_->accept(std::move(fd), facts);
  } else {
    handshakes_.push_back(std::make_unique<Handshake>(*this, std::move(fd), facts));
    handshakes_.back()->start(std::prev(handshakes_.end()));
  }
}

void ApiPort::serve(net::Socket::Released connection, const http::ConnectionFacts& facts) {
  if (facts.protocol == http::Version::http2) {
    http2_->accept(std::move(connection), facts, {});
  } else {
    http1_->accept(std::move(connection), facts);
  }
}

void ApiPort::drop_connections() {
  handshakes_.clear();
  ignored_.clear();
  http1_.reset();
  http2_.reset();
  make_servers();
}

void ApiPort::go_away() {
  for (http::Sessions* const one : {static_cast<http::Sessions*>(&*http1_), static_cast<http::Sessions*>(&*http2_)}) {
    one->drain();
    one->undo_drain();
  }
}

}  // namespace sallyport::fake_api
