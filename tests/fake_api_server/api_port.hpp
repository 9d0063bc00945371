// SPDX-License-Identifier: Apache-2.0
// Where the fake API server is reached: HTTP/2 and HTTP/1.1, by TLS or in clear text, and what a test does to its
// connections. Belongs to its loop's thread.

#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "http/h1/server.hpp"
#include "http/h2/server.hpp"
#include "net/acceptor.hpp"
#include "net/tls/accept.hpp"

namespace sallyport::fake_api {

// As PEM.
struct Identity {
  std::string certificate;
  std::string key;
  std::string client_ca;  // whose certificates clients may show; empty: none are asked for
};

class Handshake;

class ApiPort {
 public:
  enum class Mode : std::uint8_t {
    serve,
    refuse,  // nobody listens
    ignore,  // connections are accepted, and not a byte of them is read
  };

  ApiPort(net::Loop& loop, http::Handler& handler);
  ApiPort(const ApiPort&) = delete;
  ApiPort& operator=(const ApiPort&) = delete;
  ~ApiPort();

  Result<void> use(const Identity& identity);
  // Port 0 takes a free one.
  Result<void> listen(const syntax::SocketAddress& address);
  const syntax::SocketAddress& bound() const { return bound_; }
  bool speaks_tls() const { return context_ != nullptr; }

  Result<void> set_mode(Mode mode);
  // Streams that a connection of HTTP/2 may have at a time; of new ones.
  void set_streams(std::uint32_t streams) { settings_.http2.streams = streams; }
  void drop_connections();
  // Connections end after what they are at, and take nothing new.
  void go_away();
  std::size_t connections() const { return http1_->connections() + http2_->connections(); }
  std::uint64_t accepted() const { return accepted_; }

 private:
  friend class Handshake;

  void make_servers();
  void accept(net::Fd fd, const syntax::SocketAddress& peer);
  void serve(net::Socket::Released connection, const http::ConnectionFacts& facts);

  net::Loop& loop_;
  http::Handler& handler_;
  http::ServerSettings settings_;
  net::Ledger ledger_{std::size_t{4} << 30U};
  net::tls::Library library_;
  std::shared_ptr<net::tls::ServerContext> context_;  // null: clear text
  std::shared_ptr<const net::tls::Credentials> credentials_;
  std::optional<http::h2::Server> http2_;
  std::optional<http::h1::Server> http1_;
  std::list<std::unique_ptr<Handshake>> handshakes_;
  std::vector<net::Fd> ignored_;
  Mode mode_ = Mode::serve;
  syntax::SocketAddress bound_;
  std::uint64_t accepted_ = 0;
  std::optional<net::Acceptor> acceptor_;
};

}  // namespace sallyport::fake_api
