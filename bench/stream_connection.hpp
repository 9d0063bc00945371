// SPDX-License-Identifier: Apache-2.0
// One connection of stream_load: TLS below, if there is any, and HTTP/1.1 or HTTP/2 above. It never waits but for its
// connect.

#pragma once

#include <nghttp2/nghttp2.h>
#include <openssl/ssl.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "bench/stream_target.hpp"

namespace sallyport::bench {

class StreamConnection {
 public:
  // `resumed` is a session as i2d_SSL_SESSION() writes it; empty: none.
  explicit StreamConnection(StreamTarget& target, int epoll, std::span<const unsigned char> resumed = {});
  StreamConnection(const StreamConnection&) = delete;
  StreamConnection& operator=(const StreamConnection&) = delete;
  ~StreamConnection();

  // Goes on with the handshake, if there is one.
  void shake_hands();
  bool is_ready() const { return ssl_ == nullptr || SSL_is_init_finished(ssl_) == 1; }
  bool was_resumed() const { return SSL_session_reused(ssl_) == 1; }
  // Says that nothing more follows; then over() once the other side has ended too.
  void finish();
  bool over();

  void begin();  // one more request
  void flush();  // what was begun
  // Takes what came: how many answers are whole now.
  std::size_t receive();

 private:
  struct Calls;

  std::string_view read();
  void write(std::string_view bytes);
  std::size_t take(std::string_view bytes);
  [[noreturn]] void give_up_on(std::string_view what) const;

  StreamTarget& target_;
  int fd_;
  SSL* ssl_ = nullptr;
  nghttp2_session* session_ = nullptr;
  std::string out_;
  std::string part_;  // of a head of HTTP/1.1
  std::uint64_t left_ = 0;
  std::size_t whole_ = 0;
};

}  // namespace sallyport::bench
