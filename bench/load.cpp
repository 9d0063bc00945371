// SPDX-License-Identifier: Apache-2.0
// load: sends what it is told on standard input, a command a line, and answers each by a line. One thread.
//
//   target PORT CONNECTIONS FILE
//       A target with so many connections to 127.0.0.1; FILE holds its request. Says its number.
//   kept NUMBER SECONDS
//       On each kept connection one request after the other. Says requests, seconds.
//   fresh NUMBER SECONDS
//       The same with a new connection for each request, which the other side ends after its answer: the request must
//       ask for that. Says requests, seconds.
//   paced NUMBER SECONDS RATE
//       So many requests a second at even distances, whatever the answers do; one that finds no free connection waits
//       for one. Latency is from when it was due to the last byte of its answer. Says requests, seconds, and in
//       microseconds p50, p90, p99, p99.9 and the longest.
//   close NUMBER
//       Closes its kept connections. Says 0.
//
// Kept connections are opened at their first use and stay. A slice begins and ends with none of them at work, so the
// CPU time that the other side uses in it belongs to its requests.

#include <sys/prctl.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <iterator>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "bench/commands.hpp"
#include "bench/target.hpp"

namespace {

using namespace sallyport::bench;

void open(Target& target) {
  for (const auto& exchange : target.exchanges()) {
    if (exchange->fd < 0) target.connect(*exchange);
  }
}

// One request after the other on all connections at once.
std::string closed(Target& target, double seconds, bool fresh) {
  if (!fresh) open(target);
  const Time begin = Clock::now();
  const Time end = begin + duration(seconds);
  Time now = begin;
  std::size_t requests = 0;
  std::size_t busy = target.exchanges().size();
  for (const auto& exchange : target.exchanges()) {
    if (fresh) target.connect(*exchange);
    target.begin(*exchange);
  }
  const auto done = [&](Exchange& exchange) {
    ++requests;
    if (fresh) target.disconnect(exchange);
    if (now >= end) {
      --busy;
      return;
    }
    if (fresh) target.connect(exchange);
    target.begin(exchange);
  };
  while (busy > 0) {
    target.turn(std::chrono::nanoseconds(-1), fresh, done);
    now = Clock::now();
  }
  return count_and_seconds(requests, begin);
}

// `share` of the sorted values are at most this.
double quantile(const std::vector<double>& sorted, double share) {
  const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(sorted.size())));
  return sorted[std::clamp<std::size_t>(rank, 1, sorted.size()) - 1];
}

std::string paced(Target& target, double seconds, double rate) {
  open(target);
  const Time begin = Clock::now();
  const auto wanted = static_cast<std::size_t>(seconds * rate);
  std::vector<double> latencies;
  latencies.reserve(wanted);
  std::vector<Exchange*> free;
  for (const auto& exchange : target.exchanges()) free.push_back(exchange.get());
  std::size_t next_free = 0;  // a ring: each connection in its turn
  std::size_t free_count = free.size();
  std::size_t asked = 0;
  const auto due = [&](std::size_t number) { return begin + duration(static_cast<double>(number) / rate); };
  const auto done = [&](Exchange& exchange) {
    latencies.push_back(1e6 * std::chrono::duration<double>(Clock::now() - exchange.due).count());
    free[(next_free + free_count++) % free.size()] = &exchange;
  };
  while (latencies.size() < wanted) {
    for (const Time now = Clock::now(); asked < wanted && free_count > 0 && due(asked) <= now; ++asked, --free_count) {
      Exchange& exchange = *free[next_free];
      next_free = (next_free + 1) % free.size();
      exchange.due = due(asked);
      target.begin(exchange);
    }
    const bool waits_for_time = asked < wanted && free_count > 0;
    const auto wait = std::max(Clock::duration(0), due(asked) - Clock::now());
    target.turn(waits_for_time ? wait : Clock::duration(-1), false, done);
  }
  std::ostringstream said;
  said << count_and_seconds(wanted, begin);
  std::ranges::sort(latencies);
  for (const double share : {0.5, 0.9, 0.99, 0.999, 1.0}) said << ' ' << quantile(latencies, share);
  return said.str();
}

std::unique_ptr<Target> target(std::istringstream& words) {
  std::uint16_t port = 0;
  std::size_t connections = 0;
  std::string file;
  words >> port >> connections >> file;
  std::ifstream from(file, std::ios::binary);
  std::string request{std::istreambuf_iterator<char>(from), std::istreambuf_iterator<char>()};
  if (!words || request.empty() || connections == 0) return nullptr;
  return std::make_unique<Target>(port, connections, std::move(request));
}

std::string measured(Target& target, const std::string& command, double seconds, std::istringstream& words) {
  if (command == "kept" || command == "fresh") return closed(target, seconds, command == "fresh");
  double rate = 0;
  words >> rate;
  return command == "paced" && words && seconds * rate >= 1 ? paced(target, seconds, rate) : std::string();
}

}  // namespace

int main() {
  ::prctl(PR_SET_TIMERSLACK, 1UL);  // else short waits end 50 us late
  return Commands<Target>().obey_all(target, measured);
}
