// SPDX-License-Identifier: Apache-2.0
// One request put to an upstream and the answer to it, whatever version of HTTP is spoken there: a connection of
// HTTP/1, of which it is the only exchange, or one stream of many of an HTTP/2 connection.
//
// Whoever asks (proxy/upstream_call.hpp) sends and reads beside each other. Belongs to one loop's thread.

#pragma once

#include "base/result.hpp"
#include "http/body.hpp"
#include "http/byte_stream.hpp"
#include "http/hop.hpp"
#include "http/message.hpp"
#include "net/task.hpp"
#include "net/timer_wheel.hpp"

namespace sallyport::http {

class ClientExchange {
 public:
  // Sends the request. An error of its body is that error; else upstream_reset or upstream_timeout.
  virtual net::Task<Result<void>> send(const Request& request, const Hop& hop) = 0;

  // The next head, interim ones included.
  virtual net::Task<Result<void>> read_head(Method request_method, ResponseHead& head, net::Time deadline) = 0;
  // For a read_head() that waits: this is its deadline from now on, or it ends with upstream_reset.
  virtual void replace_head_deadline(net::Time deadline) = 0;
  virtual void interrupt() = 0;

  // After the final head, also when no body follows. Lives as long as the exchange.
  virtual Body& begin_body(const Framing& framing) = 0;

  // After a 101, in place of begin_body(): what follows it. Lives as long as the exchange. On HTTP/2 the 101 is made of
  // the answer to an extended CONNECT (http/websocket.hpp).
  virtual ByteStream& begin_tunnel() = 0;

  // No byte of an answer came, and the upstream may have ended the connection before it saw the request.
  virtual bool may_be_stale() const = 0;

  // No byte of an answer came, and the upstream did not say anything about this request in particular.
  virtual bool is_unanswered() const = 0;

 protected:
  ~ClientExchange() = default;
};

}  // namespace sallyport::http
