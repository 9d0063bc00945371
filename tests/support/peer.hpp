// SPDX-License-Identifier: Apache-2.0
// The other end of a connection, played by a test on the same loop: sends what it is told and keeps what it gets. It is
// made of plain system calls, so that it shares no fault with what is tested.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "net/fd.hpp"
#include "net/loop.hpp"

namespace sallyport::support {

class Peer final : private net::Watcher {
 public:
  Peer(net::Loop& loop, net::Fd fd);
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;
  ~Peer();

  // All of it goes out in the end, as the other side takes it.
  void send(std::string_view bytes);
  // No more will be sent; the other direction stays.
  void finish();
  // Gone without a word, and with a reset.
  void close();
  void reset();
  // Stops and goes on to receive.
  void hold() { holds_ = true; }
  void release();

  const std::string& text() const { return text_; }
  // What came since the last take().
  std::string take();
  bool sent_all() const { return pending_.empty(); }
  bool saw_end() const { return saw_end_; }      // the other side finished cleanly
  bool saw_reset() const { return saw_reset_; }  // or not so
  bool over() const { return saw_end_ || saw_reset_; }

 private:
  void on_events(std::uint32_t events) override;
  void receive();
  void flush();

  net::Loop& loop_;
  net::Fd fd_;
  std::string text_;
  std::string pending_;
  std::size_t taken_ = 0;
  bool finishes_ = false;
  bool holds_ = false;
  bool saw_end_ = false;
  bool saw_reset_ = false;
};

}  // namespace sallyport::support
