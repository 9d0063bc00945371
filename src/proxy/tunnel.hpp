// SPDX-License-Identifier: Apache-2.0
// Relays bytes both ways after a switch of protocols. One side's end is passed on and the other direction goes on; a
// reset, or silence in both directions, ends it.

#pragma once

#include <string_view>

#include "http/tunnel.hpp"
#include "net/ledger.hpp"
#include "net/socket.hpp"
#include "net/task.hpp"

namespace sallyport::proxy {

class TunnelRelay {
 public:
  struct Patience {
    net::Duration idle{3'600'000};  // without a byte in both directions
    net::Duration stall{30'000};    // a side takes no byte
  };

  TunnelRelay(net::Socket& client, net::Socket& upstream, net::Ledger& ledger, http::TunnelTotals& totals,
              const Patience& patience)
      : client_(client), upstream_(upstream), ledger_(ledger), totals_(totals), patience_(patience) {}
  TunnelRelay(const TunnelRelay&) = delete;
  TunnelRelay& operator=(const TunnelRelay&) = delete;

  // What each side has already sent goes first.
  net::Task<void> run(std::string_view from_client, std::string_view from_upstream);

 private:
  // True: the sender ended cleanly.
  net::Task<bool> relay(net::Socket& from, net::Socket& to, std::string_view first, std::uint64_t& total);
  net::Task<bool> relay_to_client(std::string_view first);

  net::Socket& client_;
  net::Socket& upstream_;
  net::Ledger& ledger_;
  http::TunnelTotals& totals_;
  Patience patience_;
  net::Time last_byte_{};
};

}  // namespace sallyport::proxy
