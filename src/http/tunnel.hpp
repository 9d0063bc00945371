// SPDX-License-Identifier: Apache-2.0
// What follows a 101, or the 200 that stands for it on HTTP/2: bytes in both directions, until one side ends or falls
// silent.

#pragma once

#include <cstdint>

#include "http/byte_stream.hpp"
#include "net/task.hpp"

namespace sallyport::http {

struct TunnelTotals {
  std::uint64_t from_client = 0;  // bytes
  std::uint64_t to_client = 0;
};

class Tunnel {
 public:
  virtual ~Tunnel() = default;

  // Runs until it is over. What the client sent behind its request comes first.
  virtual net::Task<void> run(ByteStream& client, TunnelTotals& totals) = 0;
};

}  // namespace sallyport::http
