// SPDX-License-Identifier: Apache-2.0
// Sends WebSocket frames back as they come (RFC 6455 5): data frames whole, pings as pongs, a close as a close.

#pragma once

#include "http/tunnel.hpp"

namespace sallyport::commands {

class EchoWebSocket final : public http::Tunnel {
 public:
  net::Task<void> run(net::Socket& client, std::string_view early, http::TunnelTotals& totals) override;
};

}  // namespace sallyport::commands
