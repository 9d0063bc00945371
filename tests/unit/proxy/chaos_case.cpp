// SPDX-License-Identifier: Apache-2.0
#include "unit/proxy/chaos_case.hpp"

#include <chrono>

#include "base/text.hpp"
#include "support/session_clock.hpp"
#include "support/strict_validator.hpp"

// The clock of this program can be moved. It is right where no test does.
std::chrono::steady_clock::time_point std::chrono::steady_clock::now() noexcept {
  return sallyport::support::moved_clock();
}

namespace sallyport::proxy {
namespace {

using support::Chaos;
using support::PlayedClient;
using support::PlayedUpstream;
using Point = Chaos::Point;
using Action = Chaos::Action;

constexpr auto longest_wait = std::chrono::seconds(30);

std::string body_of(const std::string& tag) { return text::cat(tag, tag, tag); }

std::string answer(const PlayedUpstream& upstream) {
  const std::string body = body_of(upstream.tag());
  const bool is_head = upstream.requests.back().method == "HEAD";
  const std::string tag = upstream.tag().empty() ? "" : text::cat("X-Tag: ", upstream.tag(), "\r\n");
  return text::cat("HTTP/1.1 200 OK\r\n", tag, "Content-Length: ", body.size(), "\r\n\r\n", is_head ? "" : body);
}

std::string answer_well(const PlayedUpstream& upstream) {
  if (!upstream.switched) return answer(upstream);
  return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
         "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
}

bool has(const std::string& text, std::string_view what) { return text.find(what) != text.npos; }

}  // namespace

std::string ChaosCase::text() const {
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
  std::string all = text::cat(name(kind_names, kind), ", upstream ", name(behaviour_names, behaviour), ", ",
                              name(place_names, place), "'s filter at ", name(point_names, point), ": ",
                              name(action_names, action), ", meanwhile ", name(event_names, meanwhile));
  if (cut != Event::nothing) all += text::cat(", after ", cut_at, " turns ", name(event_names, cut));
  return all;
}

ChaosRun::ChaosRun(const ChaosCase& of) : case_(of), play_(chains(), true), client_(play_.connect()) {
  chaos_.point = of.point;
  chaos_.action = of.action;
}

support::Gateway::Chains ChaosRun::chains() {
  const filters::Chain chain = {std::make_shared<support::ChaosFilter>(chaos_)};
  support::Gateway::Chains all;
  (case_.place == Place::listener ? all.listener : case_.place == Place::rule ? all.rule : all.destination) = chain;
  return all;
}

void ChaosRun::ask() {
  const auto head = [&](std::string_view method) {
    return text::cat(method, " /a?", client_->next_tag(), " HTTP/1.1\r\nHost: h\r\n");
  };
  switch (case_.kind) {
    case Kind::get:
      return play_.send(*client_, head("GET") + "\r\n");
    case Kind::head:
      return play_.send(*client_, head("HEAD") + "\r\n");
    case Kind::post:
    case Kind::expect: {
      const std::string begin = head("POST");
      const std::string body = body_of(client_->tag());
      const bool waits = case_.kind == Kind::expect;
      return play_.send(*client_, text::cat(begin, waits ? "Expect: 100-continue\r\n" : "",
                                            "Content-Length: ", body.size(), "\r\n\r\n", waits ? "" : body));
    }
    case Kind::post_chunked: {
      const std::string begin = head("POST");
      return play_.send(*client_, text::cat(begin, "Transfer-Encoding: chunked\r\n\r\n5\r\n", client_->tag(),
                                            "\r\n5\r\n", client_->tag(), "\r\n0\r\n\r\n"));
    }
    case Kind::upgrade:
      return play_.send(*client_, head("GET") +
                                      "Upgrade: websocket\r\nConnection: Upgrade\r\n"
                                      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
    case Kind::pipelined: {
      const std::string one = head("GET") + "\r\n";
      return play_.send(*client_, one + head("GET") + "\r\n");
    }
  }
}

// True: something happened.
bool ChaosRun::misbehave(PlayedUpstream& upstream) {
  const unsigned step = steps_of_first_++;
  const bool is_whole = upstream.requests.back().complete;
  switch (case_.behaviour) {
    case Behaviour::answers:
      if (!is_whole) break;
      play_.send(upstream, answer_well(upstream));
      return true;
    case Behaviour::chunks:
      if (step == 0) {
        play_.send(upstream,
                   text::cat("HTTP/1.1 200 OK\r\nX-Tag: ", upstream.tag(), "\r\nTransfer-Encoding: chunked\r\n\r\n",
                             upstream.requests.back().method == "HEAD" ? "" : "5\r\nfirst\r\n"));
        return true;
      }
      if (upstream.requests.back().method == "HEAD") return true;
      play_.send(upstream, "6\r\nsecond\r\n0\r\nX-End: yes\r\n\r\n");
      return true;
    case Behaviour::early:
      play_.send(upstream, answer(upstream));
      return true;
    case Behaviour::interim:
      if (step == 0) {
        play_.send(upstream, "HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n");
        steps_of_first_ = 1;
        return true;
      }
      if (!is_whole) break;
      play_.send(upstream, answer_well(upstream));
      return true;
    case Behaviour::closes:
      if (!is_whole) break;
      play_.send(upstream, answer(upstream));
      support::Play::close(upstream);
      return true;
    case Behaviour::resets:
      upstream.wire.reset();
      return true;
    case Behaviour::silent:
      return false;
    case Behaviour::garbage:
      play_.send(upstream, "this is not a response\r\n\r\n");
      return true;
    case Behaviour::cut:
      play_.send(upstream, text::cat("HTTP/1.1 200 OK\r\nX-Tag: ", upstream.tag(), "\r\nContent-Length: 100\r\n",
                                     upstream.requests.back().method == "HEAD" ? "" : "\r\nshort"));
      support::Play::close(upstream);
      return true;
    case Behaviour::surplus:
      if (!is_whole) break;
      play_.send(upstream, answer(upstream) + answer(upstream));
      return true;
  }
  --steps_of_first_;
  return false;
}

bool ChaosRun::step_upstream(PlayedUpstream& upstream) {
  if (!upstream.wire.is_open() || upstream.requests.empty()) return false;
  if (first_ == nullptr && !upstream.of_side) first_ = &upstream;
  const bool misbehaves = !behaves_ && &upstream == first_ && upstream.requests.size() == 1;
  const unsigned most = case_.behaviour == Behaviour::chunks || case_.behaviour == Behaviour::interim ? 2 : 1;
  if (misbehaves && steps_of_first_ < most) return misbehave(upstream);
  const bool told = has(upstream.wire.text(), "ping") || upstream.wire.saw_end();
  if (upstream.switched && told && upstream.wire.sent_all() && ponged_.insert(&upstream).second) {
    upstream.wire.send("pong");
    upstream.wire.finish();
    return true;
  }
  if (misbehaves || !upstream.asked() || !upstream.requests.back().complete) return false;
  if (upstream.of_side && case_.meanwhile == Event::forget_side && !std::exchange(forgot_, true)) {
    play_.gateway().adopt({.side = false});
    return true;
  }
  play_.send(upstream, answer_well(upstream));
  return true;
}

void ChaosRun::strike(Event event) {
  switch (event) {
    case Event::nothing:
      return;
    case Event::client_reset:
      return client_->wire.reset();
    case Event::client_close:
      return client_->wire.close();
    case Event::client_finish:
      return client_->wire.finish();
    case Event::upstream_reset:
      for (PlayedUpstream& upstream : play_.upstreams()) {
        if (!upstream.of_side) upstream.wire.reset();
      }
      return;
    case Event::swap:
      return play_.gateway().adopt({.listener = false, .rules = false, .main = false, .side = false});
    case Event::forget_side:
      return play_.gateway().adopt({});
    case Event::drain:
      serves_ = false;
      return play_.gateway().drain();
    case Event::end:
      serves_ = false;
      return play_.stop();
  }
}

bool ChaosRun::step_gate() {
  constexpr unsigned turns_to_wait = 3;
  const bool at_the_end = case_.point == Point::last_byte && chaos_.acted;
  if (!chaos_.gate.has_waiter() && !at_the_end) return false;
  if (!std::exchange(struck_, true)) strike(case_.meanwhile);
  if (at_the_end || case_.meanwhile == Event::client_reset || gate_turns_ > turns_to_wait) return false;
  if (++gate_turns_ > turns_to_wait) chaos_.gate.open();
  return true;
}

bool ChaosRun::step_client() {
  const std::string& text = client_->wire.text();
  if (case_.kind == Kind::expect && has(text, " 100 ") && !std::exchange(sent_body_, true)) {
    play_.send(*client_, body_of(client_->tag()));
    return true;
  }
  if (case_.kind == Kind::upgrade && has(text, " 101 ") && !std::exchange(sent_body_, true)) {
    play_.send(*client_, "ping");
    return true;
  }
  return false;
}

bool ChaosRun::is_over() {
  std::vector<std::string> methods;
  for (const support::SentRequest& request : client_->sent.requests()) methods.push_back(request.method);
  const auto reading = support::strict::read_responses(client_->wire.text(), methods, client_->wire.saw_end(),
                                                       support::strict::As::sent);
  std::size_t answered = 0;
  for (const auto& message : reading.messages) {
    if (message.status == 101) return client_->wire.over() || has(client_->wire.text(), "pong");
    if (message.status >= 200 && status_ == 0) status_ = message.status;
    if (message.status >= 200) ++answered;
  }
  return client_->wire.over() || answered == methods.size();
}

bool ChaosRun::step() {
  bool moved = play_.turn();
  for (PlayedUpstream& upstream : play_.upstreams()) moved = step_upstream(upstream) || moved;
  moved = step_gate() || moved;
  return step_client() || moved;
}

void ChaosRun::play_out() {
  constexpr int quiet_turns = 8;
  const auto limit = support::kernel_clock() + longest_wait;
  for (int quiet = 0; fault_.empty(); ++quiet) {
    if (turns_++ == case_.cut_at) strike(case_.cut);
    if (!serves_ && case_.cut == Event::end) return;
    if (step()) quiet = 0;
    if (is_over()) return;
    // Nothing but time ends what a silent upstream has begun.
    if (case_.behaviour == Behaviour::silent && quiet > quiet_turns) {
      support::move_clock(net::Duration(61'000));
      quiet = 0;
    }
    if (support::kernel_clock() > limit) fault_ = "the client waits for ever";
  }
}

// What was done to one client does not reach the next.
void ChaosRun::ask_again() {
  const auto limit = support::kernel_clock() + longest_wait;
  behaves_ = struck_ = true;
  play_.gateway().adopt({});
  client_ = play_.connect();
  play_.send(*client_, text::cat("GET /a?", client_->next_tag(), " HTTP/1.1\r\nHost: h\r\n\r\n"));
  while (!has(client_->wire.text(), body_of(client_->tag()))) {
    if (client_->wire.over() || support::kernel_clock() > limit) {
      fault_ = text::cat("the next client got: ", client_->wire.text());
      return;
    }
    step();
  }
}

void ChaosRun::run() {
  if (case_.meanwhile == Event::forget_side) play_.gateway().adopt({.side = false});
  ask();
  play_out();
  acted_ = std::exchange(chaos_.acted, true);
  // Who waits behind a reset is not helped on; a client that only closed may have an answer coming.
  if (client_->wire.is_open() || case_.cut == Event::client_close) chaos_.gate.open();
  if (serves_ && fault_.empty()) ask_again();
  play_.end();
  if (fault_.empty()) fault_ = play_.fault();
  if (fault_.empty() && chaos_.alive != 0) fault_ = "something of the filter is left";
}

}  // namespace sallyport::proxy
