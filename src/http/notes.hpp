// SPDX-License-Identifier: Apache-2.0
// What a parser left out of a message or found odd without refusing it, counted for metrics and for the connection's
// glitches (glitches.hpp). A parser only ever adds to it.

#pragma once

#include <cstdint>

namespace sallyport::http {

struct Notes {
  std::uint32_t underscore_names = 0;      // fields dropped for a '_' in the name (H1-8)
  std::uint32_t protected_options = 0;     // Connection options that name a field they may not remove (H1-14)
  std::uint32_t upgrades_ignored = 0;      // messages with an Upgrade that is not followed (H1-12)
  std::uint32_t h2c_ignored = 0;           // of these, requests that offer nothing but h2c
  std::uint32_t expectations_ignored = 0;  // Expect of HTTP/1.0, or of a request without a body (H1-13)
  std::uint32_t trailers_dropped = 0;      // trailer fields of names that are not for trailers
  std::uint32_t empty_lines = 0;           // before a request
  std::uint32_t chunk_extensions = 0;      // chunks that have some (H1-5)
  std::uint32_t tiny_chunks = 0;
  std::uint32_t tiny_reads = 0;     // of heads
  std::uint32_t stream_resets = 0;  // of HTTP/2, that the client made or caused
  std::uint32_t glitch_ends = 0;    // connections that ended for their glitches
  std::uint32_t points_before = 0;  // of this connection, before what is counted here

  Notes& operator+=(const Notes& more) {
    underscore_names += more.underscore_names;
    protected_options += more.protected_options;
    upgrades_ignored += more.upgrades_ignored;
    h2c_ignored += more.h2c_ignored;
    expectations_ignored += more.expectations_ignored;
    trailers_dropped += more.trailers_dropped;
    empty_lines += more.empty_lines;
    chunk_extensions += more.chunk_extensions;
    tiny_chunks += more.tiny_chunks;
    tiny_reads += more.tiny_reads;
    stream_resets += more.stream_resets;
    glitch_ends += more.glitch_ends;
    return *this;
  }

  bool operator==(const Notes&) const = default;
};

}  // namespace sallyport::http
