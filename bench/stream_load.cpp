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

#include <iostream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "bench/stream_target.hpp"

namespace {

using namespace sallyport::bench;

class Load {
 public:
  // Empty when the command is none.
  std::string obey(const std::string& line) {
    std::istringstream words(line);
    std::string command;
    words >> command;
    if (command == "target") return add(words);
    std::size_t number = 0;
    double seconds = 0;
    words >> number;
    if (!words || number >= targets_.size()) return {};
    StreamTarget& target = *targets_[number];
    if (command == "close") {
      target.close();
      return "0";
    }
    words >> seconds;
    if (!words || !(seconds > 0)) return {};
    const auto begin = Clock::now();
    const auto end = begin + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
    std::size_t count = 0;
    if (command == "kept") {
      count = target.ask_until(end);
    } else if (command == "full" || command == "resumed") {
      count = target.shake_hands_until(end, command == "resumed");
    } else {
      return {};
    }
    std::ostringstream said;
    said << count << ' ' << std::chrono::duration<double>(Clock::now() - begin).count();
    return said.str();
  }

 private:
  std::string add(std::istringstream& words) {
    StreamTarget::What what;
    std::string kind;
    words >> what.port >> what.connections >> kind >> what.streams >> what.host >> what.path;
    if (!words || what.connections == 0 || what.streams == 0) return {};
    what.tls = kind == "h1s" || kind == "h2s";
    what.http2 = kind != "h1s";
    what.grpc = kind == "grpc";
    targets_.push_back(std::make_unique<StreamTarget>(std::move(what)));
    return std::to_string(targets_.size() - 1);
  }

  std::vector<std::unique_ptr<StreamTarget>> targets_;
};

}  // namespace

int main() {
  Load load;
  for (std::string line; std::getline(std::cin, line);) {
    const std::string said = load.obey(line);
    if (said.empty()) {
      std::cerr << "not understood: " << line << '\n';
      return 2;
    }
    std::cout << said << std::endl;
  }
  return 0;
}
