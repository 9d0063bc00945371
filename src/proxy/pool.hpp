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
#include "base/result.hpp"
#include "http/client_exchange.hpp"
#include "http/h1/client_connection.hpp"
#include "http/session_settings.hpp"
#include "model/parts.hpp"
#include "net/loop.hpp"
#include "net/task.hpp"
#include "proxy/counters.hpp"

namespace sallyport::proxy {

class Endpoint final : private http::h1::ClientConnection::Keeper {
 public:
  explicit Endpoint(const model::Endpoint& endpoint) : address_(endpoint.address), state_(endpoint.state) {}

  const syntax::SocketAddress& address() const { return address_; }
  model::Endpoint::State state() const { return state_; }
  void set_state(model::Endpoint::State state) { state_ = state; }
  void retire();
  void end_idle() { idle_.clear(); }

  // The one used last; null when none is idle.
  std::unique_ptr<http::h1::ClientConnection> take_idle();
  void keep(std::unique_ptr<http::h1::ClientConnection> connection);

 private:
  static constexpr std::size_t most_idle = 1024;  // fewer than are busy at once would mean connects under steady load

  void drop(http::h1::ClientConnection& connection) override;

  syntax::SocketAddress address_;
  model::Endpoint::State state_;
  bool gone_ = false;
  std::vector<std::unique_ptr<http::h1::ClientConnection>> idle_;
};

// A connection for one exchange. At its end a clean connection goes back to its endpoint, any other is closed.
class Lease {
 public:
  Lease(std::shared_ptr<Endpoint> endpoint, std::unique_ptr<http::h1::ClientConnection> connection)
      : endpoint_(std::move(endpoint)), connection_(std::move(connection)) {}
  Lease(Lease&&) = default;
  Lease& operator=(Lease&&) = delete;
  ~Lease() {
    if (connection_ && connection_->end()) endpoint_->keep(std::move(connection_));
  }

  http::ClientExchange& exchange() const { return *connection_; }
  // For what only HTTP/1 does; null for others.
  http::h1::ClientConnection* http1() const { return connection_.get(); }
  const Endpoint& endpoint() const { return *endpoint_; }

 private:
  std::shared_ptr<Endpoint> endpoint_;
  std::unique_ptr<http::h1::ClientConnection> connection_;
};

// The endpoints to which one request's connects have failed.
struct Attempts {
  static constexpr std::size_t most = 3;

  std::array<std::shared_ptr<const Endpoint>, most> tried;
  std::size_t count = 0;
};

class Pool : public std::enable_shared_from_this<Pool> {
 public:
  // When the quota is full: may end idle connections of other pools.
  using MakeRoom = std::function<void()>;

  // The first request goes to endpoint number `offset`, so that workers do not all begin with the same.
  Pool(std::string id, net::Loop& loop, const http::ClientSettings& settings, net::Ledger& ledger, std::size_t offset,
       net::Quota* quota = nullptr, MakeRoom make_room = {});
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;
  ~Pool();

  void update(const model::EndpointSet& endpoints);
  void end_idle();

  // A connection with a begun exchange: an idle one unless `fresh`, or a new one. A connect that fails is tried on
  // other endpoints at once: nothing was sent. What is lacking here would be lacking for them too: overloaded.
  net::Task<Result<Lease>> lease(Attempts& attempts, bool fresh, net::Time deadline, Arena& arena, http::Notes& notes);

  const std::string& id() const { return report_.id; }
  const http::ClientSettings& settings() const { return settings_; }
  net::Loop& loop() const { return loop_; }
  BackendReport& report() { return report_; }

 private:
  // What a lease is for.
  struct Means {
    bool fresh;
    net::Time deadline;
    Arena& arena;
    http::Notes& notes;
  };

  std::unique_ptr<http::h1::ClientConnection> begin_idle(Endpoint& endpoint, const Means& means);
  net::Task<Result<Lease>> lease_new(std::shared_ptr<Endpoint> endpoint, Attempts& attempts, Means means);
  bool has_room();
  std::shared_ptr<Endpoint> pick(const Attempts& attempts);
  std::shared_ptr<Endpoint> pick_with_state(const Attempts& attempts, model::Endpoint::State state);
  net::Task<Result<std::unique_ptr<http::h1::ClientConnection>>> connect(const Endpoint& to, net::Time deadline);

  net::Loop& loop_;
  const http::ClientSettings& settings_;
  net::Ledger& ledger_;
  net::Quota* quota_;  // of connections to endpoints, of the whole process
  MakeRoom make_room_;
  std::vector<std::shared_ptr<Endpoint>> endpoints_;  // by address
  std::size_t turn_;
  BackendReport report_;
};

}  // namespace sallyport::proxy
