// SPDX-License-Identifier: Apache-2.0
// Bytes between us and one peer, both ways, once a tunnel has begun: a connection of HTTP/1 after its 101, or one
// stream of HTTP/2 after its 200 (RFC 8441).
//
// One reader and one writer may wait at a time; a waiter that is destroyed takes itself off. Whoever made it ends it:
// where our direction had no shutdown_write(), that is a reset of the stream. Belongs to its loop's thread.

#pragma once

#include <string_view>

#include "net/io_result.hpp"
#include "net/task.hpp"
#include "net/timer_wheel.hpp"

namespace sallyport::http {

class ByteStream {
 public:
  // The next bytes, good until the next read(); empty: the peer has ended its direction. After `timeout` and
  // `interrupted` it may be asked again; `exhausted`: no buffer could be had.
  virtual net::Task<net::IoResult<std::string_view>> read(net::Time deadline) = 0;

  // Sends all of it. `stall` bounds each wait for the peer to take more.
  virtual net::Task<net::IoResult<void>> write(std::string_view bytes, net::Duration stall) = 0;

  // We send no more; the other direction goes on.
  virtual void shutdown_write() = 0;

  // The read that waits now, or the next one that has to, ends with `interrupted`. Delivered by the loop.
  virtual void interrupt() = 0;

 protected:
  ~ByteStream() = default;
};

}  // namespace sallyport::http
