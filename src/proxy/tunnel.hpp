// SPDX-License-Identifier: Apache-2.0
// Relays bytes both ways after a switch of protocols. One side's end is passed on and the other direction goes on; a
// reset, or silence in both directions, ends it.

#pragma once

#include "http/byte_stream.hpp"
#include "http/tunnel.hpp"
#include "net/loop.hpp"
#include "net/task.hpp"

namespace sallyport::proxy {

class TunnelRelay {
 public:
  struct Patience {
    net::Duration idle{3'600'000};  // without a byte in both directions
    net::Duration stall{30'000};    // a side takes no byte
  };

  TunnelRelay(net::Loop& loop, http::ByteStream& client, http::ByteStream& upstream, http::TunnelTotals& totals,
              const Patience& patience)
      : loop_(loop), client_(client), upstream_(upstream), totals_(totals), patience_(patience) {}
  TunnelRelay(const TunnelRelay&) = delete;
  TunnelRelay& operator=(const TunnelRelay&) = delete;

  net::Task<void> run();

 private:
  // True: the sender ended cleanly.
  net::Task<bool> relay(http::ByteStream& from, http::ByteStream& to, std::uint64_t& total);
  net::Task<bool> relay_to_client();

  net::Loop& loop_;
  http::ByteStream& client_;
  http::ByteStream& upstream_;
  http::TunnelTotals& totals_;
  Patience patience_;
  net::Time last_byte_{};
};

}  // namespace sallyport::proxy
