// SPDX-License-Identifier: Apache-2.0
// What odd but legal things cost a client's connection, in points. At three quarters of the limit its next answer is
// its last; at the limit it ends. Browsers, curl and load generators have none (reference: reliability-security.md 1,
// HAProxy's glitch counter); therefore an offer of h2c, which some clients make with each request, costs nothing.

#pragma once

#include <cstddef>
#include <cstdint>

#include "http/limits.hpp"
#include "http/notes.hpp"

namespace sallyport::http {

// A chunk is tiny when its framing outweighs it. Who types into a stream sends some, so many make a point.
inline constexpr std::uint64_t tiny_chunk = 8;  // bytes, and less
inline constexpr std::uint32_t tiny_chunks_a_point = 1024;
// A piece of a head that is smaller than any segment need be, after some that are forgiven.
inline constexpr std::size_t tiny_read = 32;  // bytes, and less
inline constexpr unsigned reads_forgiven = 8;
inline constexpr std::uint32_t tiny_reads_a_point = 16;
// Nobody names such a field in Connection but who wants to have it removed.
inline constexpr std::uint32_t protected_option_points = 4;

// All points of a connection so far.
constexpr std::uint32_t glitch_points(const Notes& notes) {
  return notes.points_before + notes.underscore_names + notes.protected_options * protected_option_points +
         notes.upgrades_ignored - notes.h2c_ignored + notes.expectations_ignored + notes.trailers_dropped +
         notes.empty_lines + notes.chunk_extensions + notes.tiny_chunks / tiny_chunks_a_point +
         notes.tiny_reads / tiny_reads_a_point;
}

constexpr bool is_too_odd(const Notes& notes, const Limits& limits) { return glitch_points(notes) >= limits.glitches; }

// This answer shall be the last.
constexpr bool is_rather_odd(const Notes& notes, const Limits& limits) {
  return glitch_points(notes) >= limits.glitches - limits.glitches / 4;
}

inline constexpr const char* too_odd = "too many odd things came on this connection";

}  // namespace sallyport::http
