// SPDX-License-Identifier: Apache-2.0
// The other end of a connection, moved by hand between two turns of the loop under test: nothing happens by itself, so
// that a script says what comes when. Plain system calls, so that it shares no fault with what is tested.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "net/fd.hpp"

namespace sallyport::support {

class Wire {
 public:
  explicit Wire(net::Fd fd);
  Wire(Wire&&) = default;
  // By a reset: thousands of plays that end in order would leave the machine without a free port for a minute.
  ~Wire() { reset(); }

  // All of it goes out in the end, as the other side takes it.
  void send(std::string_view bytes);
  // No more will be sent; the other direction stays.
  void finish();
  // Gone without a word: with a reset when there is more to send.
  void close();
  void reset();

  // Receives nothing by itself while it holds, and the kernel takes little for it.
  void set_holds(bool holds);
  bool holds() const { return holds_; }
  // Up to so many bytes; how many came.
  std::size_t receive(std::size_t most);
  // What can be moved now. True: something was.
  bool pump();

  const std::string& text() const { return text_; }
  bool sent_all() const { return pending_.empty(); }
  bool is_open() const { return static_cast<bool>(fd_); }
  bool saw_end() const { return saw_end_; }      // the other side finished cleanly
  bool saw_reset() const { return saw_reset_; }  // or not so
  bool over() const { return saw_end_ || saw_reset_ || !fd_; }

 private:
  bool flush();

  net::Fd fd_;
  std::string text_;
  std::string pending_;
  bool finishes_ = false;
  bool holds_ = false;
  bool saw_end_ = false;
  bool saw_reset_ = false;
};

}  // namespace sallyport::support
