// SPDX-License-Identifier: Apache-2.0
// What follows a 101: bytes in both directions, until one side ends or falls silent.

#pragma once

#include <cstdint>
#include <string_view>

#include "net/socket.hpp"
#include "net/task.hpp"

namespace sallyport::http {

struct TunnelTotals {
  std::uint64_t from_client = 0;  // bytes
  std::uint64_t to_client = 0;
};

class Tunnel {
 public:
  virtual ~Tunnel() = default;

  // Runs until it is over. `early` are bytes of the client that came with its request.
  virtual net::Task<void> run(net::Socket& client, std::string_view early, TunnelTotals& totals) = 0;
};

}  // namespace sallyport::http
