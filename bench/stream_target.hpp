// SPDX-License-Identifier: Apache-2.0
// One program under load over TLS or HTTP/2: connections to its port, and what each of them asks. What is not answered
// as it should be ends the program.

#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "bench/clock.hpp"

using SSL_CTX = struct ssl_ctx_st;
using SSL_SESSION = struct ssl_session_st;

namespace sallyport::bench {

class StreamConnection;

class StreamTarget {
 public:
  struct What {
    std::uint16_t port = 0;
    std::size_t connections = 1;
    std::size_t streams = 1;  // requests at once on a connection
    std::string host;
    std::string path;
    bool tls = false;
    bool http2 = false;
    bool grpc = false;
  };

  explicit StreamTarget(What what);
  StreamTarget(const StreamTarget&) = delete;
  StreamTarget& operator=(const StreamTarget&) = delete;
  ~StreamTarget();

  // How many requests were answered. Nothing is asked after `end`; all that was is answered.
  std::size_t ask_until(Time end);
  // How many handshakes were done, `connections` of them at a time.
  std::size_t shake_hands_until(Time end, bool resumed);
  void close();

  const What& what() const { return what_; }
  SSL_CTX* context() const { return context_; }
  void keep_session(SSL_SESSION* session);

 private:
  void turn(const auto& each);

  What what_;
  SSL_CTX* context_ = nullptr;
  std::vector<unsigned char> session_;  // of the first connection whose server gave one; empty: none did
  int epoll_;
  std::vector<std::unique_ptr<StreamConnection>> connections_;
};

}  // namespace sallyport::bench
