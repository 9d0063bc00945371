// SPDX-License-Identifier: Apache-2.0
// How long and how large things may be on a connection, in time and bytes held (reference: reliability-security.md
// H1-4, H1-16). What a message may be is in limits.hpp.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "http/hop.hpp"
#include "http/limits.hpp"
#include "http/pace.hpp"
#include "net/timer_wheel.hpp"

namespace sallyport::http {

// Of one HTTP/2 connection, of either side (reference: reliability-security.md H2-1 to H2-6).
struct Http2Settings {
  std::uint32_t streams = 100;                   // at a time
  std::uint32_t stream_window = 64 * 1024;       // bytes of a body that may wait for its reader
  std::uint32_t connection_window = 256 * 1024;  // of all bodies together
  std::size_t connection_bytes = 1536 * 1024;    // held by one connection, all that its exchanges need included
  std::size_t block_bytes = 64 * 1024;           // of a block of fields, as it is sent
  std::uint32_t continuations = 8;               // of a block
  net::Duration block{5'000};                    // from its first frame to its last
  std::uint32_t resets = 200;                    // of streams, in reset_window, when they are more than half of them
  net::Duration reset_window{30'000};
  net::Duration nap{5'000};       // without a stream, after which a client's connection holds as little as it can
  std::uint64_t progress = 1024;  // bytes of a response that its reader takes in a write_stall
};

struct ServerSettings {
  Http2Settings http2;
  Limits limits;
  Conduct conduct;
  net::Duration head{10'000};  // from the first byte of a request to the end of its head
  net::Duration idle{60'000};  // between requests, and before the first
  Pace body{.grace = net::Duration(10'000), .bytes_per_second = 256};
  net::Duration write_stall{30'000};          // the client takes no byte of a response
  std::uint64_t read_rate = 256;              // bytes a second that it takes, beside one such stall
  net::Duration linger{2'000};                // for a client to notice the end, and for a body that nobody wants
  std::size_t linger_bytes = 64 * 1024;       // of such a body
  std::size_t connection_bytes = 512 * 1024;  // held by one connection, all that an exchange needs included
  std::string server = "sallyport";           // the Server field, when ours is sent
  ServerHeader server_header = ServerHeader::pass;
};

struct ClientSettings {
  // Held for all bodies that wait for their readers, a stream's window each.
  Http2Settings http2{.connection_bytes = 8 * 1024 * 1024};
  Limits limits;
  net::Duration http2_silence{10'000};     // while it is asked something; then it is asked whether it is there
  net::Duration http2_pong{10'000};        // for the answer to that
  bool http2_asks_again = false;           // after each such silence, not only after the first: not all servers like it
  net::Duration handshake{5'000};          // TLS, once connected
  net::Duration connect{1'000};            // an attempt
  net::Duration head{60'000};              // from the end of the request to the head of its response
  net::Duration while_sending{3'600'000};  // the same, while the request is still being sent
  Pace body{.grace = net::Duration(300'000), .bytes_per_second = 0};
  net::Duration write_stall{30'000};
  net::Duration idle{60'000};            // in a pool
  net::Duration tunnel_idle{3'600'000};  // without a byte in both directions
  net::Duration tunnel_stall{30'000};    // a side takes no byte
  std::size_t connection_bytes = 512 * 1024;
  unsigned interim_heads = 8;     // relayed for one request (H1-13)
  bool request_trailers = false;  // passed on: some upstreams read them as the next request (H1-4)
};

}  // namespace sallyport::http
