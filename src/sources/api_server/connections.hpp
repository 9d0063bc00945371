// SPDX-License-Identifier: Apache-2.0
// The connections to one API server: mostly one of HTTP/2 for everything, one more when the server takes no more
// streams on it or has said GOAWAY; of HTTP/1.1 one for each exchange at a time.
//
// Who wants a connection waits for the one that is being made. After failures in a row the next try waits longer and
// longer (backoff.hpp), and so does who wants it. Other TLS material makes new connections, and those that are
// there end with what runs on them. Belongs to its loop's thread; outlives its carriers.

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/arena.hpp"
#include "base/result.hpp"
#include "http/notes.hpp"
#include "http/session_settings.hpp"
#include "http/upstream_sessions.hpp"
#include "net/ledger.hpp"
#include "net/loop.hpp"
#include "net/task.hpp"
#include "net/tls/client_context.hpp"
#include "net/tls/library.hpp"
#include "net/waiters.hpp"
#include "sources/api_server/access.hpp"
#include "sources/api_server/backoff.hpp"
#include "sources/api_server/carrier.hpp"
#include "syntax/address.hpp"

namespace sallyport::sources::api_server {

// A name's addresses, the best first; at least one.
using Resolve =
    std::move_only_function<net::Task<Result<std::vector<syntax::IpAddress>>>(std::string name, net::Time deadline)>;

// What suits an API server: watches may be silent for as long as they like, but it is asked whether it is there.
http::ClientSettings connection_settings();

class Connections {
 public:
  struct Report {
    std::uint64_t connects = 0;
    std::uint64_t failures = 0;  // to connect, and connections that ended without an answer
  };

  // Between connects that fail.
  struct Pauses {
    net::Duration first{500};
    net::Duration longest{30'000};
  };

  Connections(net::Loop& loop, const AccessSettings& settings, const http::ClientSettings& http, const Pauses& pauses,
              Resolve resolve);
  Connections(const Connections&) = delete;
  Connections& operator=(const Connections&) = delete;

  // The error says why there is no connection, for people. Where the server's URL says https, there is none without
  // material.
  net::Task<Result<Carrier>> carrier(std::shared_ptr<const TlsMaterial> tls, Arena& arena, http::Notes& notes,
                                     net::Time deadline);
  // What became of an exchange: the server has answered, or its connection was lost before that.
  void answered();
  void unanswered();

  const Report& report() const { return report_; }
  // Why the material in use is not the newest: that cannot be used. Nothing: it is.
  const std::optional<Error>& problem() const { return problem_; }

 private:
  Result<void> use(const std::shared_ptr<const TlsMaterial>& tls);
  Result<std::shared_ptr<const net::tls::ClientContext>> context_of(const TlsMaterial& tls);
  std::optional<Carrier> at_once(Arena& arena, http::Notes& notes);
  net::Task<Result<Carrier>> own(Arena& arena, http::Notes& notes, net::Time deadline);
  // Of whoever waits for it alone; what many wait for has none.
  net::Task<Result<http::MadeConnection>> connect(net::Time deadline);
  net::Task<Result<http::MadeConnection>> connect_to(std::vector<syntax::IpAddress> addresses, net::Time deadline);
  net::Task<Result<http::MadeConnection>> connect_to_one(syntax::IpAddress address, net::Time deadline);
  bool speaks_http1() const { return !settings_.server.is_tls || sessions_.speaks_http1(); }
  net::Task<Result<std::vector<syntax::IpAddress>>> addresses(net::Time deadline);
  void failed();
  Error explained(const Error& error, std::string_view address = {}) const;

  net::Loop& loop_;
  const AccessSettings& settings_;
  const http::ClientSettings& http_;
  const net::Duration longest_pause_;
  Chance chance_;
  Backoff backoff_;
  Resolve resolve_;
  net::Ledger ledger_;
  std::optional<net::tls::Library> library_;  // with TLS

  std::shared_ptr<const TlsMaterial> material_;  // that the context was made of, or should have been
  std::shared_ptr<const net::tls::ClientContext> context_;
  std::uint64_t generation_ = 0;  // of the context
  std::optional<Error> problem_;

  syntax::IpAddress preferred_;  // the last one that took a connection is tried first
  net::Time not_before_{};       // the next connect
  net::DeferredWaiters may_connect_;
  Report report_;
  std::shared_ptr<IdleConnections> idle_ = std::make_shared<IdleConnections>();
  http::UpstreamSessions sessions_;
};

}  // namespace sallyport::sources::api_server
