// SPDX-License-Identifier: Apache-2.0
// One line of the access log: a JSON object. Texts of clients are escaped and cut at 1 KiB (reference:
// reliability-security.md L-1).

#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "filters/exchange.hpp"
#include "http/grpc.hpp"
#include "http/incoming.hpp"
#include "net/tls/refusal.hpp"

namespace sallyport::proxy {

using WallTime = std::chrono::system_clock::time_point;

// A connection that never came to a request: its handshake was refused, or came to nothing.
struct FailedHandshake {
  const http::ConnectionFacts& facts;
  std::string_view listener;
  std::string_view server_name;  // as far as it was asked for
  const net::tls::Refusal& why;
};
void append_log_line(std::string& out, WallTime now, const FailedHandshake& failed);

// A request that had a passage, and one whose head was refused. Both append to `out`, newline included.
void append_log_line(std::string& out, WallTime now, const filters::Exchange& exchange, const http::Outcome& outcome);
void append_log_line(std::string& out, WallTime now, const http::Incoming& incoming, const http::Outcome& outcome,
                     std::optional<http::GrpcStatus> grpc_status = {});

}  // namespace sallyport::proxy
