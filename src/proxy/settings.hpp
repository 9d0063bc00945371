// SPDX-License-Identifier: Apache-2.0
// What the serving side is told by options.

#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "http/session_settings.hpp"
#include "net/tls/accept.hpp"
#include "proxy/connect_rules.hpp"
#include "proxy/names.hpp"
#include "syntax/address.hpp"

namespace sallyport::proxy {

struct Settings {
  http::ServerSettings server;
  http::ClientSettings client;
  std::size_t workers = 1;
  // Of the process, all workers together.
  std::size_t process_bytes = std::size_t{1} << 30;  // held by connections
  std::size_t connections = 1000;                    // of clients
  std::size_t source_connections = 875;              // of clients from one address, or one IPv6 /64
  std::vector<syntax::Cidr> source_exempt;           // whose connections are not counted as those of one source
  std::size_t upstream_connections = 1000;           // to endpoints
  net::tls::AcceptTimes handshake;                   // of TLS with clients
  std::size_t handshakes = 1024;                     // at once, of each worker; as many with endpoints
  std::size_t source_handshakes = 512;               // of these, of clients from one address, or one IPv6 /64
  net::Duration request{3'600'000};                  // from the first byte to the head of the response
  net::Duration snapshot_hold{60'000};               // after that a tunnel lets go of the snapshot that it began with
  std::vector<syntax::Cidr> explain_from;            // clients whose answers say why: X-Sallyport-Explain
  NameSettings names;                                // --dns-server, and limits that begin with dns-
  ConnectRules connect_rules;                        // --allow-name-addresses, and what is ours
  std::string access_log = "-";                      // a file, "-" for the standard output, or "off"
};

}  // namespace sallyport::proxy
