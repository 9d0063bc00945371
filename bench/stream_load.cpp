// SPDX-License-Identifier: Apache-2.0
// stream_load: as load, for connections with TLS, with many requests at once, or both. A command a line, and a line as
// its answer. One thread.
//
//   target PORT CONNECTIONS KIND STREAMS HOST PATH
//       KIND is h1s (HTTP/1.1 over TLS, one request at a time), h2s (HTTP/2 over TLS), h2c (HTTP/2 as it is) or grpc
//       (of h2c, unary calls of 32 bytes). Says its number.
//   kept NUMBER SECONDS
//       So many requests at once on each kept connection, one after the other. Says requests, seconds.
//   full NUMBER SECONDS
//       Handshakes, each on a new connection that ends behind it. Says handshakes, seconds.
//   resumed NUMBER SECONDS
//       The same, each going on with a session of an earlier one.
//   close NUMBER
//       Closes its kept connections. Says 0.

#include <memory>
#include <sstream>
#include <string>
#include <utility>

#include "bench/commands.hpp"
#include "bench/stream_target.hpp"

namespace {

using namespace sallyport::bench;

std::unique_ptr<StreamTarget> target(std::istringstream& words) {
  StreamTarget::What what;
  std::string kind;
  words >> what.port >> what.connections >> kind >> what.streams >> what.host >> what.path;
  if (!words || what.connections == 0 || what.streams == 0) return nullptr;
  what.tls = kind == "h1s" || kind == "h2s";
  what.http2 = kind != "h1s";
  what.grpc = kind == "grpc";
  return std::make_unique<StreamTarget>(std::move(what));
}

std::string measured(StreamTarget& target, const std::string& command, double seconds, std::istringstream&) {
  const Time begin = Clock::now();
  const Time end = begin + duration(seconds);
  if (command == "kept") return count_and_seconds(target.ask_until(end), begin);
  if (command != "full" && command != "resumed") return {};
  return count_and_seconds(target.shake_hands_until(end, command == "resumed"), begin);
}

}  // namespace

int main() { return Commands<StreamTarget>().obey_all(target, measured); }
