// SPDX-License-Identifier: Apache-2.0
// What the workers of the process have their parts of: bytes, connections of clients, connections to endpoints. All of
// it atomics that no request touches on connections that are there.

#pragma once

#include "net/ledger.hpp"
#include "net/quota.hpp"
#include "net/tls/ticket_keys.hpp"
#include "proxy/settings.hpp"
#include "proxy/sources.hpp"

namespace sallyport::proxy {

struct Shares {
  explicit Shares(const Settings& settings)
      : bytes(settings.process_bytes, settings.workers),
        clients(settings.connections),
        upstreams(settings.upstream_connections),
        sources(settings.source_connections, settings.source_exempt) {}

  net::ByteBudget bytes;
  net::Quota clients;
  net::Quota upstreams;
  Sources sources;
  net::tls::TicketSeed ticket_seed = net::tls::TicketSeed::random();  // until every worker has its keys of it
};

}  // namespace sallyport::proxy
