// SPDX-License-Identifier: Apache-2.0
// One worker's connections to the endpoints of one backend, under the backend's stable id: it survives every snapshot
// that has the backend.
//
// Endpoints take turns. An endpoint that is gone gets no new request; what runs there is not cut, and its connections
// are not kept (reference: reliability-security.md 3.11).

#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/arena.hpp"
#include "base/own_lines.hpp"
#include "base/result.hpp"
#include "http/client_exchange.hpp"
#include "http/h1/client_connection.hpp"
#include "http/h2/client_stream.hpp"
#include "http/session_settings.hpp"
#include "http/upstream_sessions.hpp"
#include "model/parts.hpp"
#include "net/loop.hpp"
#include "net/task.hpp"
#include "net/tls/client_context.hpp"
#include "proxy/connect_rules.hpp"
#include "proxy/counters.hpp"
#include "proxy/named_endpoints.hpp"
#include "proxy/names.hpp"
#include "proxy/repeat_budget.hpp"

namespace sallyport::proxy {

class alignas(line_size) Endpoint final : private http::h1::ClientConnection::Keeper {
 public:
  // With a loop: its connections may be of HTTP/2.
  explicit Endpoint(const model::Endpoint& endpoint, net::Loop* loop = nullptr)
      : address_(endpoint.address),
        state_(endpoint.state),
        sessions_(loop == nullptr ? nullptr : std::make_unique<http::UpstreamSessions>(*loop)) {}

  const syntax::SocketAddress& address() const { return address_; }
  model::Endpoint::State state() const { return state_; }
  void set_state(model::Endpoint::State state) { state_ = state; }
  // A name leads there, and no list: whether it may be connected to is asked each time.
  bool is_by_name() const { return is_by_name_; }
  void set_by_name(bool by_name) { is_by_name_ = by_name; }
  void retire();
  void end_idle();

  // Null: HTTP/1 only.
  http::UpstreamSessions* sessions() const { return sessions_.get(); }

  // The one used last; null when none is idle.
  std::unique_ptr<http::h1::ClientConnection> take_idle();
  void keep(std::unique_ptr<http::h1::ClientConnection> connection);

 private:
  static constexpr std::size_t most_idle = 1024;  // fewer than are busy at once would mean connects under steady load

  void drop(http::h1::ClientConnection& connection) override;

  syntax::SocketAddress address_;
  model::Endpoint::State state_;
  bool is_by_name_ = false;
  bool gone_ = false;
  LineVector<std::unique_ptr<http::h1::ClientConnection>> idle_;
  std::unique_ptr<http::UpstreamSessions> sessions_;
};

// One exchange: a connection of HTTP/1, which at its end goes back to its endpoint if it is clean, and otherwise is
// closed; or one stream of an HTTP/2 connection that others use too.
class Lease {
 public:
  Lease(std::shared_ptr<Endpoint> endpoint, std::unique_ptr<http::h1::ClientConnection> connection,
        bool may_stay = true)
      : endpoint_(std::move(endpoint)), connection_(std::move(connection)), may_stay_(may_stay) {}
  Lease(std::shared_ptr<Endpoint> endpoint, ArenaPtr<http::h2::ClientStream> stream)
      : endpoint_(std::move(endpoint)), stream_(std::move(stream)) {}
  Lease(Lease&&) = default;
  Lease& operator=(Lease&&) = delete;
  ~Lease() {
    if (connection_ && connection_->end() && may_stay_) endpoint_->keep(std::move(connection_));
  }

  http::ClientExchange& exchange() const {
    if (connection_ != nullptr) return *connection_;
    return *stream_;
  }
  // For what only HTTP/1 does; null for others.
  http::h1::ClientConnection* http1() const { return connection_.get(); }
  const Endpoint& endpoint() const { return *endpoint_; }
  std::shared_ptr<const Endpoint> share_endpoint() const { return endpoint_; }

 private:
  std::shared_ptr<Endpoint> endpoint_;
  std::unique_ptr<http::h1::ClientConnection> connection_;
  ArenaPtr<http::h2::ClientStream> stream_;
  bool may_stay_ = true;
};

// How the endpoints of a backend are spoken to.
struct Manner {
  bool http2 = false;
  // Connections begin with a header that says whose they are: each is for one exchange.
  model::ProxyProtocol proxy_protocol = model::ProxyProtocol::none;
  bool is_tls = false;
  // The whole of this, at the first connect: what TLS needs is dear, and nobody asks most of many backends. Empty: it
  // is here.
  std::function<Manner()> make_tls = {};
  std::shared_ptr<const net::tls::ClientContext> tls;        // null: cleartext
  std::shared_ptr<const net::tls::ClientContext> tls_http1;  // the same without HTTP/2; null: `tls` offers none
  bool is_broken = false;                                    // its TLS settings cannot be used: no connection is made
};

// How endpoints that are names are found, and where no connection goes. Both may be null: there are no names then, and
// everything may be connected to.
struct Reach {
  Names* names = nullptr;
  const ConnectRules* rules = nullptr;
};

// The endpoints that one request is not sent to any more.
struct Attempts {
  static constexpr std::size_t most = 3;
  static constexpr std::size_t most_passed_over = 64;

  // To these connects have failed that took their time, or they broke off before they answered it.
  std::array<std::shared_ptr<const Endpoint>, most> tried;
  std::size_t count = 0;
  // These refused at once; or to them no connect began: there is no route, or a rule is against it. That took no time,
  // so it is no attempt.
  std::vector<std::shared_ptr<const Endpoint>> passed_over;
  std::size_t refused = 0;  // of these, those that refused

  bool has(const Endpoint& endpoint) const;
  bool may_go_on() const { return count < most && passed_over.size() < most_passed_over; }
  // Connects that began and led to nothing.
  std::size_t made() const { return count + refused; }
  // The last one; null: there is none.
  const Endpoint* last() const;
};

// What an exchange needs.
enum class Want : std::uint8_t {
  any,     // a connection that was kept, or a stream
  fresh,   // a new connection, or a stream
  tunnel,  // a new connection of HTTP/1, which will switch, or a stream of who takes WebSockets
};

class alignas(line_size) Pool : public std::enable_shared_from_this<Pool> {
 public:
  // When the quota is full: may end idle connections of other pools.
  using MakeRoom = std::function<void()>;

  // The first request goes to endpoint number `offset`, so that workers do not all begin with the same.
  Pool(std::string id, net::Loop& loop, const http::ClientSettings& settings, net::Ledger& ledger, std::size_t offset,
       net::Quota* quota = nullptr, MakeRoom make_room = {}, Manner manner = {}, Reach reach = {});
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;
  ~Pool();

  void update(const model::EndpointSet& endpoints);
  void end_idle();

  // A connection with a begun exchange, or a stream. A connect that fails is tried on other endpoints at once: nothing
  // was sent. What is lacking here would be lacking for them too: overloaded.
  // `greeting` is what a connection of this exchange alone begins with; empty: it may be any.
  net::Task<Result<Lease>> lease(Attempts& attempts, Want want, net::Time deadline, Arena& arena, http::Notes& notes,
                                 std::string_view greeting = {});

  // Some endpoint is not among these.
  bool has_others(const Attempts& attempts) const;
  RepeatBudget& repeats() { return repeats_; }

  const std::string& id() const { return report_.id; }
  const Manner& manner() const { return manner_; }
  const http::ClientSettings& settings() const { return settings_; }
  net::Loop& loop() const { return loop_; }
  BackendReport& report() { return report_; }

 private:
  // What a lease is for.
  struct Means {
    Want want;
    net::Time deadline;
    Arena& arena;
    http::Notes& notes;
    std::string_view greeting;
  };

  // Where a connection is to go.
  struct Aim {
    syntax::SocketAddress address;
    bool by_name = false;
  };

  using Http1 = std::unique_ptr<http::h1::ClientConnection>;

  static Aim aim_of(const Endpoint& endpoint) { return {endpoint.address(), endpoint.is_by_name()}; }
  void take_endpoints(const std::vector<model::Endpoint>& wanted);
  net::Task<Result<Lease>> lease_known(Attempts& attempts, const Means& means);
  net::Task<Result<Lease>> lease_named(Attempts& attempts, Means means);
  bool shares(const Endpoint& endpoint, const Means& means) const;
  Http1 begin_idle(Endpoint& endpoint, const Means& means);
  static Result<Lease> begin_stream(std::shared_ptr<Endpoint> endpoint, http::h2::ClientConnection& on,
                                    const Means& means);
  net::Task<Result<Lease>> lease_new(std::shared_ptr<Endpoint> endpoint, Attempts& attempts, Means means);
  net::Task<Result<Lease>> lease_own(std::shared_ptr<Endpoint> endpoint, Means means);
  net::Task<Result<Lease>> lease_shared(std::shared_ptr<Endpoint> endpoint, Means means);
  bool has_room();
  void make_tls();
  std::shared_ptr<Endpoint> pick(const Attempts& attempts);
  std::shared_ptr<Endpoint> pick_with_state(const Attempts& attempts, model::Endpoint::State state);
  net::Task<Result<http::MadeConnection>> connect(Aim aim, net::Time deadline, bool only_http1 = false,
                                                  std::string_view greeting = {});

  net::Loop& loop_;
  const http::ClientSettings& settings_;
  net::Ledger& ledger_;
  net::Quota* quota_;  // of connections to endpoints, of the whole process
  MakeRoom make_room_;
  Manner manner_;
  Reach reach_;
  std::unique_ptr<NamedEndpoints> named_;             // null: no endpoint was ever a name
  std::vector<std::shared_ptr<Endpoint>> endpoints_;  // by address
  std::size_t turn_;
  RepeatBudget repeats_;
  BackendReport report_;
};

}  // namespace sallyport::proxy
