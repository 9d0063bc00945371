// SPDX-License-Identifier: Apache-2.0
// A grammar of HTTP/1 streams that grows them right, and wrong in the ways that make two parsers disagree about where
// a message ends: lengths, codings, blanks, line ends, chunks, folding, targets, Host, Connection, Expect, Upgrade.
//
// A seed gives the same stream for ever, on every machine. Pure.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace sallyport::support {

// One to three requests of one connection, sometimes cut off.
std::string request_stream(std::uint64_t seed);

// What one client asks, and what the upstream's connections say to each of it, to their ends.
struct ResponseStream {
  struct Exchange {
    std::string method;
    std::string answer;
  };

  bool http10 = false;  // the client
  std::vector<Exchange> exchanges;
};
ResponseStream response_stream(std::uint64_t seed);

}  // namespace sallyport::support
