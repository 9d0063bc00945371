// SPDX-License-Identifier: Apache-2.0
// Sends WebSocket frames back as they come (RFC 6455 5): data frames whole, pings as pongs, a close as a close.

#pragma once

#include "http/tunnel.hpp"
#include "net/loop.hpp"

namespace sallyport::commands {

class EchoWebSocket final : public http::Tunnel {
 public:
  explicit EchoWebSocket(net::Loop& loop) : loop_(loop) {}

  net::Task<void> run(http::ByteStream& client, http::TunnelTotals& totals) override;

 private:
  net::Loop& loop_;
};

}  // namespace sallyport::commands
