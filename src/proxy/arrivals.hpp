// SPDX-License-Identifier: Apache-2.0
// Connections of one entrance that no server has yet: the header of the PROXY protocol is read off them, and their TLS
// handshake is done. Each has a coroutine and deadlines that count from its first moment.
//
// Belongs to the worker's thread.

#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <list>
#include <memory>
#include <string_view>

#include "http/connection_facts.hpp"
#include "net/fd.hpp"
#include "net/ledger.hpp"
#include "net/loop.hpp"
#include "net/tls/accept.hpp"
#include "proxy/handshakes.hpp"
#include "proxy/proxy_loss.hpp"

namespace sallyport::proxy {

class Arrival;

// What is done before the first request.
struct Reception {
  bool has_proxy_header = false;
  bool has_tls = false;
  net::Duration header{10'000};     // from the beginning to the end of the PROXY header
  net::tls::AcceptTimes handshake;  // after it
};

class Arrivals {
 public:
  class Host {
   public:
    // The connection is of somebody else than who brought it. False: of that source there is no room for more.
    virtual bool renamed(const http::ConnectionFacts& was, const http::ConnectionFacts& is) = 0;
    virtual net::tls::Library& library() = 0;
    virtual Handshakes& handshakes() = 0;
    // Also says the id of the policy, which lasts as long as the connection.
    virtual std::expected<net::tls::Choice, net::tls::Reason> choose(const net::tls::ClientHello& hello,
                                                                     std::string_view& policy) = 0;
    // `stream` is null on cleartext.
    virtual void arrived(net::Fd fd, std::unique_ptr<net::tls::Stream> stream, const http::ConnectionFacts& facts) = 0;
    // It was closed instead.
    virtual void lost(const http::ConnectionFacts& facts, ProxyLoss why) = 0;
    // `name` is what the client asked for, as far as it came to that.
    virtual void refused(const http::ConnectionFacts& facts, std::string_view name, const net::tls::Refusal& why) = 0;

   protected:
    ~Host() = default;
  };

  // All must outlive it.
  Arrivals(net::Loop& loop, net::Ledger& ledger, Host& host);
  Arrivals(const Arrivals&) = delete;
  Arrivals& operator=(const Arrivals&) = delete;
  ~Arrivals();

  void add(net::Fd fd, const http::ConnectionFacts& facts, const Reception& reception);
  // Those that are here have a second more.
  void drain();
  void undo_drain() { net::TimerWheel::disarm(last_); }
  // So many of those that are not new, the oldest first. How many ended.
  std::size_t end_oldest(std::size_t most);
  std::size_t count() const { return all_.size(); }

 private:
  friend class Arrival;

  struct Last final : net::Timer {
    explicit Last(Arrivals& of) : arrivals(of) {}
    void fire() override;
    Arrivals& arrivals;
  };

  using All = std::list<std::unique_ptr<Arrival>>;  // in the order of their coming

  net::Loop& loop_;
  net::Ledger& ledger_;
  Host& host_;
  All all_;
  Last last_{*this};
};

}  // namespace sallyport::proxy
