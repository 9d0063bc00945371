// SPDX-License-Identifier: Apache-2.0
// `sallyport echo`: an origin for demos and tests that answers with what arrived (reference: gateway-api.md 3.4, the
// cleartext HTTP/1.1 part).

#pragma once

#include <iosfwd>
#include <string>

namespace sallyport::commands {

struct EchoOptions {
  std::string listen;  // "127.0.0.1:9101"; port 0 takes a free one
};

// Serves until TERM or INT. Exit status: 0, or 1 when it cannot listen.
int echo(const EchoOptions& options, std::ostream& out, std::ostream& err);

}  // namespace sallyport::commands
