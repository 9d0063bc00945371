// SPDX-License-Identifier: Apache-2.0
// One request through a whole worker with a chaos filter in one of its chains, to an upstream that behaves well or not,
// while something else happens; over HTTP/1 or HTTP/2 on both sides.

#pragma once

#include <cstdint>
#include <string>

#include "support/chaos_filter.hpp"

namespace sallyport::proxy {

enum class Protocol : std::uint8_t { http1, http2 };

enum class Kind : std::uint8_t {
  get,
  post,
  post_chunked,  // without a length
  expect,
  head,
  upgrade,    // to WebSocket; over HTTP/2 an extended CONNECT
  pipelined,  // two requests; over HTTP/2 two streams
};
inline constexpr int kinds = 7;

// Of the upstream, at the first request; it answers all others well.
enum class Behaviour : std::uint8_t {
  answers,
  chunks,   // in two parts
  early,    // before it has the request's body
  interim,  // a 103 first
  closes,   // behind its answer
  resets,
  silent,
  garbage,
  cut,      // it ends within its answer
  surplus,  // a second answer behind the first
};
inline constexpr int behaviours = 10;

enum class Place : std::uint8_t { listener, rule, destination };
inline constexpr int places = 3;

enum class Event : std::uint8_t {
  nothing,
  client_reset,
  client_close,
  client_finish,  // its sending half
  upstream_reset,
  swap,         // a snapshot without the listener, its rules and backends
  forget_side,  // the backend "side" is there for a while, and is forgotten while it is asked
  drain,
  end,  // the worker ends
};

struct ChaosCase {
  Protocol protocol = Protocol::http1;
  Kind kind = Kind::get;
  Behaviour behaviour = Behaviour::answers;
  Place place = Place::rule;
  support::Chaos::Point point = support::Chaos::Point::before_next;
  support::Chaos::Action action = support::Chaos::Action::nothing;
  Event meanwhile = Event::nothing;  // while the filter waits; at the point last_byte: then
  // Another event, after so many turns.
  Event cut = Event::nothing;
  unsigned cut_at = 0;

  std::string text() const;
};

}  // namespace sallyport::proxy
