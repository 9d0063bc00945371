// SPDX-License-Identifier: Apache-2.0
// The API server over our own HTTP client: who we are, how much we may ask and how to come back to it are dealt with
// here, once for all requests. What is asked and what answers mean is others' business (api.hpp).
//
// Credentials that are refused (401) are renewed once a request, and it is sent again. A request whose connection ended
// before the server can have seen it is sent again too. After 429 and 503 with Retry-After new requests wait as long as
// the server said; the answer is given all the same.
//
// Belongs to one loop's thread; outlives the Tasks and Streams that it gave.

#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "http/session_settings.hpp"
#include "net/loop.hpp"
#include "net/resolver.hpp"
#include "sources/api_server/access.hpp"
#include "sources/api_server/api.hpp"
#include "sources/api_server/budget.hpp"
#include "sources/api_server/connections.hpp"
#include "sources/api_server/exchange.hpp"

namespace sallyport::sources::api_server {

struct ClientOptions {
  std::string user_agent = "sallyport (kubernetes)";  // with the version, from whoever knows it
  Budget::Settings budget = {};
  Connections::Pauses pauses = {};
  http::ClientSettings http = connection_settings();
};

class Client final : public Api {
 public:
  struct Report {
    std::uint64_t requests = 0;  // that were sent
    std::uint64_t repeated = 0;  // of these, again
    std::uint64_t unauthorized = 0;
    std::uint64_t throttled = 0;  // 429
    std::uint64_t waits = 0;      // for the budget, or because the server said so
    std::uint64_t connects = 0;
    std::uint64_t connect_failures = 0;
  };

  Client(net::Loop& loop, AccessSettings settings, Resolve resolve, ClientOptions options = {});
  // The resolver must outlive it.
  Client(net::Loop& loop, AccessSettings settings, net::Resolver& resolver, ClientOptions options = {});
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  net::Task<Result<Answer>> ask(Ask ask) override;
  net::Task<Result<std::unique_ptr<Stream>>> open(Ask ask) override;

  const AccessSettings& settings() const { return access_.settings(); }
  // What cannot be renewed of our credentials, for people; nothing: all is well.
  const std::optional<Error>& problem() const;
  Report report() const;

 private:
  class Watch;
  struct Begun {
    std::unique_ptr<Exchange> exchange;
    std::optional<Budget::Place> place;
  };

  net::Task<Result<Begun>> begin(const Ask& ask, Urgency urgency, net::Time deadline);
  net::Task<Result<void>> try_once(const Ask& ask, const Credentials& credentials, Exchange& exchange,
                                   net::Time deadline);
  void heed(const Exchange& exchange, Urgency urgency);

  net::Loop& loop_;
  const ClientOptions options_;
  Access access_;
  const std::string authority_;
  Budget budget_;
  Report report_;
  Connections connections_;
};

}  // namespace sallyport::sources::api_server
