// SPDX-License-Identifier: Apache-2.0
// One line of the access log: a JSON object. Texts of clients are escaped and cut at 1 KiB (reference:
// reliability-security.md L-1).

#pragma once

#include <chrono>
#include <string>

#include "filters/exchange.hpp"
#include "http/incoming.hpp"

namespace sallyport::proxy {

using WallTime = std::chrono::system_clock::time_point;

// A request that had a passage, and one whose head was refused. Both append to `out`, newline included.
void append_log_line(std::string& out, WallTime now, const filters::Exchange& exchange, const http::Outcome& outcome);
void append_log_line(std::string& out, WallTime now, const http::Incoming& incoming, const http::Outcome& outcome);

}  // namespace sallyport::proxy
