// SPDX-License-Identifier: Apache-2.0
// One listener, as one worker serves it: its connections from their first moment, and their requests. Stays when the
// listener goes, for connections that are left. Belongs to the worker's thread.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <string_view>

#include "http/h1/server.hpp"
#include "http/h2/server.hpp"
#include "http/incoming.hpp"
#include "model/parts.hpp"
#include "net/fd.hpp"
#include "proxy/arrivals.hpp"
#include "routing/snapshot.hpp"

namespace sallyport::proxy {

class Worker;

class Entrance final : public http::Handler, private Arrivals::Host {
 public:
  Entrance(Worker& worker, model::Id listener);

  // `at` is where the listening socket is bound.
  void accept(net::Fd fd, const syntax::SocketAddress& peer, const syntax::SocketAddress& at);

  net::Task<Result<http::Response>> handle(http::Incoming& incoming) override;
  void refused(http::Incoming& incoming) override;

  void drain();
  void undo_drain();
  // What the worker's stage of pressure means for connections.
  void feel_pressure();
  // An eighth of the idle ones, and of those that have not said yet what they want.
  std::size_t end_oldest_idle();

  std::size_t connections() const { return http1_.connections() + http2_.connections() + arrivals_.count(); }
  // Of each version. A connection begins with the first, which hands on those that speak the other.
  std::array<http::Sessions*, 2> sessions() { return {&http1_, &http2_}; }

 private:
  bool renamed(const http::ConnectionFacts& was, const http::ConnectionFacts& is) override;
  net::tls::Library& library() override;
  Handshakes& handshakes() override;
  std::expected<net::tls::Choice, net::tls::Reason> choose(const net::tls::ClientHello& hello,
                                                           std::string_view& policy) override;
  void arrived(net::Fd fd, std::unique_ptr<net::tls::Stream> stream, const http::ConnectionFacts& facts) override;
  void lost(const http::ConnectionFacts& facts, ProxyLoss why) override;
  void refused(const http::ConnectionFacts& facts, std::string_view name, const net::tls::Refusal& why) override;

  const routing::Listener* listener();
  bool speaks_tls();
  bool is_misdirected(const routing::Listener& here, const http::Incoming& incoming) const;
  bool is_outdated(const routing::Listener& here, const http::ConnectionFacts& connection) const;
  const http::ServerSettings& settings() const;

  Worker& worker_;
  model::Id listener_;
  routing::Slot slot_ = 0;  // of the listener, as long as that is what is there
  bool over_tls_;
  http::h1::Server http1_;
  http::h2::Server http2_;
  Arrivals arrivals_;
};

}  // namespace sallyport::proxy
