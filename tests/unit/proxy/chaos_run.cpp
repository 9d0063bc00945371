// SPDX-License-Identifier: Apache-2.0
#include "unit/proxy/chaos_run.hpp"

#include <array>
#include <chrono>
#include <utility>

#include "base/text.hpp"
#include "support/session_clock.hpp"

// The clock of this program can be moved. It is right where no test does.
std::chrono::steady_clock::time_point std::chrono::steady_clock::now() noexcept {
  return sallyport::support::moved_clock();
}

namespace sallyport::proxy {
namespace {

using Point = support::Chaos::Point;

constexpr auto longest_wait = std::chrono::seconds(30);

}  // namespace

std::string ChaosCase::text() const {
  constexpr std::array protocol_names = {"HTTP/1", "HTTP/2"};
  constexpr std::array kind_names = {"GET", "POST", "chunked POST", "Expect", "HEAD", "upgrade", "two GET"};
  constexpr std::array behaviour_names = {"answers", "chunks", "early",   "interim", "closes",
                                          "resets",  "silent", "garbage", "cut",     "surplus"};
  constexpr std::array place_names = {"listener", "rule", "destination"};
  constexpr std::array point_names = {"before_next",    "after_next",     "interim",         "request_first",
                                      "request_second", "response_first", "response_second", "last_byte"};
  constexpr std::array action_names = {"nothing", "answer",    "fail",         "give_up", "suspend", "reroute",
                                       "call",    "drop_call", "suspend_call", "again",   "cancel"};
  constexpr std::array event_names = {"nothing",       "client_reset",   "client_close",
                                      "client_finish", "upstream_reset", "swap",
                                      "forget_side",   "drain",          "end"};
  const auto name = [](const auto& names, auto of) { return names[static_cast<std::size_t>(of)]; };
  std::string all = text::cat(name(protocol_names, protocol), " ", name(kind_names, kind), ", upstream ",
                              name(behaviour_names, behaviour), ", ", name(place_names, place), "'s filter at ",
                              name(point_names, point), ": ", name(action_names, action), ", meanwhile ",
                              name(event_names, meanwhile));
  if (cut != Event::nothing) all += text::cat(", after ", cut_at, " turns ", name(event_names, cut));
  return all;
}

ChaosRun::ChaosRun(const ChaosCase& of) : case_(of) {
  chaos_.point = of.point;
  chaos_.action = of.action;
  sides_ = of.protocol == Protocol::http1 ? make_chaos_h1(of, chains()) : make_chaos_h2(of, chains());
}

support::Gateway::Chains ChaosRun::chains() {
  const filters::Chain chain = {std::make_shared<support::ChaosFilter>(chaos_)};
  support::Gateway::Chains all;
  (case_.place == Place::listener ? all.listener : case_.place == Place::rule ? all.rule : all.destination) = chain;
  return all;
}

void ChaosRun::strike(Event event) {
  switch (event) {
    case Event::nothing:
      return;
    case Event::client_reset:
    case Event::client_close:
    case Event::client_finish:
      return sides_->end_client(event);
    case Event::upstream_reset:
      return sides_->reset_upstreams();
    case Event::swap:
      return sides_->gateway().adopt({.listener = false, .rules = false, .main = false, .side = false});
    case Event::forget_side:
      return sides_->gateway().adopt({});
    case Event::drain:
      serves_ = false;
      return sides_->gateway().drain();
    case Event::end:
      serves_ = false;
      return sides_->stop();
  }
}

// True: something happened.
bool ChaosRun::step_gate() {
  constexpr unsigned turns_to_wait = 3;
  const bool at_the_end = case_.point == Point::last_byte && chaos_.acted;
  if (!chaos_.gate.has_waiter() && !at_the_end) return false;
  if (!std::exchange(struck_, true)) strike(case_.meanwhile);
  if (at_the_end || case_.meanwhile == Event::client_reset || gate_turns_ > turns_to_wait) return false;
  if (++gate_turns_ > turns_to_wait) chaos_.gate.open();
  return true;
}

bool ChaosRun::step() {
  bool moved = sides_->turn();
  moved = sides_->step_upstreams() || moved;
  moved = step_gate() || moved;
  return sides_->step_client() || moved;
}

void ChaosRun::play_out() {
  constexpr int quiet_turns = 8;
  const auto limit = support::kernel_clock() + longest_wait;
  for (int quiet = 0; fault_.empty(); ++quiet) {
    if (turns_++ == case_.cut_at) strike(case_.cut);
    if (!serves_ && case_.cut == Event::end) return;
    if (step()) quiet = 0;
    if (sides_->is_answered()) return;
    // Nothing but time ends what a silent upstream has begun.
    if (case_.behaviour == Behaviour::silent && quiet > quiet_turns) {
      support::move_clock(net::Duration(61'000));
      quiet = 0;
    }
    if (support::kernel_clock() > limit) fault_ = text::cat("the client waits for ever, and has got: ", sides_->got());
  }
}

// What was done to one client does not reach the next.
void ChaosRun::ask_again() {
  const auto limit = support::kernel_clock() + longest_wait;
  sides_->behave();
  struck_ = true;
  sides_->gateway().adopt({});
  sides_->connect();
  sides_->ask(Kind::get);
  while (!sides_->is_served()) {
    if (sides_->client_is_over() || support::kernel_clock() > limit) {
      fault_ = text::cat("the next client got: ", sides_->got());
      return;
    }
    step();
  }
}

void ChaosRun::run() {
  if (case_.meanwhile == Event::forget_side) sides_->gateway().adopt({.side = false});
  sides_->ask(case_.kind);
  play_out();
  status_ = sides_->status();
  acted_ = std::exchange(chaos_.acted, true);
  // Who waits behind a reset is not helped on; a client that only closed may have an answer coming.
  if (sides_->client_is_open() || case_.cut == Event::client_close) chaos_.gate.open();
  if (serves_ && fault_.empty()) ask_again();
  const std::string judged = sides_->end();
  if (fault_.empty()) fault_ = judged;
  if (fault_.empty() && chaos_.alive != 0) fault_ = "something of the filter is left";
}

}  // namespace sallyport::proxy
