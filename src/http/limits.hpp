// SPDX-License-Identifier: Apache-2.0
// What an HTTP/1 head, a chunked body and its trailers may at most be, and the choices a user has about odd but legal
// requests. All sizes are bytes on the wire, line ends included (reference: reliability-security.md H1-5, H1-11,
// H1-15).

#pragma once

#include <cstddef>
#include <cstdint>

#include "syntax/path.hpp"

namespace sallyport::http {

struct Limits {
  std::size_t request_line = 8 * 1024;  // 414; the status line of a response too (502)
  std::size_t uri = 8 * 1024;           // 414
  std::size_t method = 32;              // 400: the longest registered one has 17
  std::size_t head = 32 * 1024;         // 431; first line and the empty last one included
  std::size_t fields = 100;             // 431; browsers send about 20
  std::size_t trailers = 8 * 1024;      // 431; the empty last line included
  std::size_t trailer_fields = 32;      // 431
  std::size_t connection_options = 32;  // 431: each may name a field, and every field is compared with it
  // Nobody sends chunk extensions but who wants to keep a decoder busy: 400.
  std::size_t chunk_extension = 256;
  // Framing bytes for each byte of data, judged over a sliding window: 400. Chunks of one byte have 5.
  std::size_t chunk_overhead = 16;
  std::size_t chunk_window = 16 * 1024;
  // Points of one connection for what is odd but legal (glitches.hpp), after which it ends.
  std::uint32_t glitches = 100;
};

// Field names with '_': many an upstream (CGI, WSGI) takes X_Real_IP for X-Real-IP.
enum class Underscores : std::uint8_t { drop, reject, keep };

struct Conduct {
  syntax::PathOptions path;
  // Spellings with '_' of a name that we manage are dropped even with `keep`.
  Underscores underscores = Underscores::drop;
  // Left out of the canonical authority when named: 80, on TLS 443.
  std::uint16_t default_port = 80;
};

}  // namespace sallyport::http
