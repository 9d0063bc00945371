// SPDX-License-Identifier: Apache-2.0
// `sallyport echo`: an origin for demos and tests that answers with what arrived (reference: gateway-api.md 3.4, the
// cleartext HTTP/1.1 part). How it ends can be chosen, as pods differ in that.

#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>

namespace sallyport::commands {

// What TERM or INT means; a second one always ends it at once.
enum class AtTerm : std::uint8_t {
  exit,    // the end, and that of all connections
  drain,   // the next answer is each connection's last; the end is when nobody has been connected for a second
  refuse,  // no more is accepted; the end is when the connections that are there have had their answers
  reset,   // the end, with a reset of all connections
};

struct EchoOptions {
  std::string listen;  // "127.0.0.1:9101"; port 0 takes a free one
  AtTerm at_term = AtTerm::exit;
};

// Serves until TERM or INT. Exit status: 0, or 1 when it cannot listen.
int echo(const EchoOptions& options, std::ostream& out, std::ostream& err);

}  // namespace sallyport::commands
