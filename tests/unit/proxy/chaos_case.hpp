// SPDX-License-Identifier: Apache-2.0
// One request through a whole worker with a chaos filter in one of its chains, to an upstream that behaves well or not,
// while something else happens. Whatever comes of it has to stand before support::Play.

#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include "support/chaos_filter.hpp"
#include "support/session_play.hpp"

namespace sallyport::proxy {

enum class Kind : std::uint8_t { get, post, post_chunked, expect, head, upgrade, pipelined };
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

class ChaosRun {
 public:
  explicit ChaosRun(const ChaosCase& of);

  // Until the client has its answers, or cannot get any; then a client that comes after it; then the end.
  void run();

  const std::string& fault() const { return fault_; }
  bool acted() const { return acted_; }
  unsigned turns() const { return turns_; }    // that the exchange took
  unsigned status() const { return status_; }  // of the first final answer; 0: there was none

 private:
  support::Gateway::Chains chains();
  void ask();
  bool step();
  bool step_upstream(support::PlayedUpstream& upstream);
  bool misbehave(support::PlayedUpstream& upstream);
  bool step_gate();
  bool step_client();
  void strike(Event event);
  bool is_over();
  void play_out();
  void ask_again();

  ChaosCase case_;
  support::Chaos chaos_;
  support::Play play_;
  support::PlayedClient* client_;
  support::PlayedUpstream* first_ = nullptr;  // that was asked
  unsigned steps_of_first_ = 0;
  unsigned turns_ = 0;
  unsigned gate_turns_ = 0;
  unsigned status_ = 0;
  bool acted_ = false;
  bool struck_ = false;
  bool behaves_ = false;  // from now on every upstream does
  bool sent_body_ = false;
  bool forgot_ = false;                              // side
  std::set<const support::PlayedUpstream*> ponged_;  // who has answered in a tunnel
  bool serves_ = true;                               // new clients
  std::string fault_;
};

}  // namespace sallyport::proxy
