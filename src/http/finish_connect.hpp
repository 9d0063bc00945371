// SPDX-License-Identifier: Apache-2.0
// From a connect() under way to a connection that speaks HTTP: what it begins with, the handshake, and then the version
// that was agreed inside. Nothing of a request is sent meanwhile. Belongs to one loop's thread.

#pragma once

#include <memory>
#include <string_view>

#include "base/result.hpp"
#include "http/h1/client_connection.hpp"
#include "http/h2/client_connection.hpp"
#include "http/session_settings.hpp"
#include "net/fd.hpp"
#include "net/ledger.hpp"
#include "net/loop.hpp"
#include "net/quota.hpp"
#include "net/task.hpp"
#include "net/tls/client_context.hpp"

namespace sallyport::http {

// A connection that was made: one of the two.
struct MadeConnection {
  std::unique_ptr<h1::ClientConnection> http1;
  std::unique_ptr<h2::ClientConnection> http2;
};

// What it is made of; the settings must outlive it.
struct Connecting {
  const ClientSettings& settings;
  net::Ledger& ledger;
  net::Quota* quota = nullptr;
  std::shared_ptr<const net::tls::ClientContext> tls;  // null: cleartext
  bool http2 = false;                                  // is spoken in cleartext; inside TLS: if that is agreed
  std::string_view greeting = {};                      // comes before everything else
};

// The errors are connect_failed, connect_timeout, upstream_tls, upstream_untrusted and, when it is ours, overloaded;
// all safe to retry. Bounded by the deadline and by the settings.
net::Task<Result<MadeConnection>> finish_connect(net::Loop& loop, net::Fd fd, Connecting how, net::Time deadline);

}  // namespace sallyport::http
