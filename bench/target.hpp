// SPDX-License-Identifier: Apache-2.0
// One program under load: kept connections to its port, and the request that each of them sends.
//
// A connection is idle, or at one request: sends it, and reads its answer to the last byte. An answer that is not 2xx,
// or does not come whole, ends the program.

#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bench/clock.hpp"

namespace sallyport::bench {

struct Exchange {
  int fd = -1;
  std::string part = {};   // a head that came in pieces
  std::uint64_t left = 0;  // of the answer's body
  std::size_t sent = 0;    // of the request
  bool whole = false;      // the answer has come
  Time due = {};           // when the request should have been sent
};

class Target {
 public:
  Target(std::uint16_t port, std::size_t connections, std::string request);
  Target(const Target&) = delete;
  Target& operator=(const Target&) = delete;
  ~Target();

  std::vector<std::unique_ptr<Exchange>>& exchanges() { return exchanges_; }

  void connect(Exchange& exchange);
  // All of them; the next connect() opens them anew.
  void close();
  void disconnect(Exchange& exchange);
  void begin(Exchange& exchange);

  // Waits for events, at most so long (negative: for ever), and hands on each exchange whose answer is now whole; in
  // `fresh` mode, whose connection was ended after it.
  void turn(std::chrono::nanoseconds wait, bool fresh, const std::function<void(Exchange&)>& done);

 private:
  void send_rest(Exchange& exchange);
  bool receive(Exchange& exchange, bool fresh);
  bool take(Exchange& exchange, std::string_view bytes);
  [[noreturn]] void give_up_on(const Exchange& exchange, std::string_view what) const;

  std::uint16_t port_;
  std::string request_;
  int epoll_;
  std::vector<std::unique_ptr<Exchange>> exchanges_;
  std::string buffer_;
};

}  // namespace sallyport::bench
