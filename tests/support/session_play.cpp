// SPDX-License-Identifier: Apache-2.0
#include "support/session_play.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <limits>

#include "base/text.hpp"
#include "net/frame_pool.hpp"
#include "support/descriptors.hpp"
#include "support/session_clock.hpp"

namespace sallyport::support {
namespace {

// Opened once: two endpoints of main and one of side.
std::array<Listener, 3>& doors() {
  static std::array<Listener, 3> all = {tcp_listener(64), tcp_listener(64), tcp_listener(64)};
  return all;
}

net::Fd taken(const Listener& door) {
  return net::Fd(::accept4(door.fd.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
}

}  // namespace

std::string PlayedClient::next_tag() {
  ++asked;
  return tag();
}

std::string PlayedClient::tag() const { return text::cat("~", number, ".", asked, ";"); }

Play::Play(Gateway::Chains chains, bool own_answers, proxy::Settings settings)
    : own_answers_(own_answers),
      gateway_(settings, {doors()[0].address, doors()[1].address}, {doors()[2].address}, std::move(chains)) {
  for (const Listener& door : doors()) {
    while (taken(door)) {  // whom an earlier play has left waiting
    }
  }
}

void Play::say(std::string_view what, std::string_view where) {
  if (fault_.empty()) fault_ = text::cat(what, ": ", where.substr(0, 1000));
}

PlayedClient* Play::connect() {
  net::Fd fd = gateway_.connect();
  return fd ? &clients_.emplace_back(std::move(fd), clients_.size()) : nullptr;
}

void Play::send(PlayedClient& client, std::string_view bytes) {
  if (!client.wire.is_open()) return;
  client.sent.add(bytes);
  client.wire.send(bytes);
}

// Whoever answers has read what he was asked.
void Play::send(PlayedUpstream& upstream, std::string_view bytes) {
  if (!upstream.wire.is_open()) return;
  upstream.wire.receive(std::numeric_limits<std::size_t>::max());
  look(upstream);
  const bool had_surplus = upstream.sent.has_surplus();
  upstream.sent.add(bytes);
  if (!had_surplus) upstream.surplus_at = turns_;
  upstream.wire.send(bytes);
}

void Play::finish(PlayedUpstream& upstream) {
  upstream.sent.end();
  upstream.wire.finish();
}

void Play::close(PlayedUpstream& upstream) {
  upstream.sent.end();
  upstream.wire.close();
}

void Play::accept() {
  for (std::size_t i = 0; i < doors().size(); ++i) {
    for (net::Fd fd = taken(doors()[i]); fd; fd = taken(doors()[i])) {
      PlayedUpstream& upstream = upstreams_.emplace_back(std::move(fd), i == 2);
      if (ending_) upstream.wire.reset();
    }
  }
}

bool Play::turn() {
  ++turns_;
  gateway_.turn();
  const std::size_t before = upstreams_.size();
  accept();
  bool moved = upstreams_.size() != before;
  for (PlayedUpstream& upstream : upstreams_) {
    moved = upstream.wire.pump() || moved;
    if (!upstream.wire.sent_all()) upstream.surplus_at = turns_;
    look(upstream);
  }
  for (PlayedClient& client : clients_) moved = client.wire.pump() || moved;
  return moved;
}

void Play::look(PlayedUpstream& upstream) {
  const std::string_view text = upstream.wire.text();
  if (upstream.read == text.size()) return;
  if (upstream.switched) {
    const auto& responses = upstream.sent.responses();
    if (!responses.empty() && responses[0].status != 101) say("bytes for one that did not switch", text);
    return;
  }
  const bool begun = !upstream.requests.empty() && !upstream.requests.back().complete;
  const strict::Reading reading = strict::read_requests(text.substr(upstream.read), strict::As::sent);
  if (reading.end == strict::End::refused) return say(text::cat("an upstream was asked: ", reading.why), text);
  bool noted = begun;
  for (const strict::Message& message : reading.messages) {
    if (!std::exchange(noted, false)) note_request(upstream, tag_in(message.target), message.method);
    upstream.requests.back().complete = true;
    upstream.requests.back().body = message.body;
    upstream.switched = strict::lists(message, "upgrade", "websocket");
    if (upstream.switched) {
      upstream.read += message.end;
      return;
    }
  }
  upstream.read += reading.rest;
  const std::string_view rest = text.substr(upstream.read);
  if (noted || rest.find("\r\n\r\n") == rest.npos) return;
  const std::string_view line = rest.substr(0, rest.find("\r\n"));
  note_request(upstream, tag_in(line), line.substr(0, line.find(' ')));
}

void Play::note_request(PlayedUpstream& upstream, std::string tag, std::string_view method) {
  const bool asked_first = upstream.requests.empty();
  if (upstream.sent.has_surplus() && (asked_first || upstream.was_held || turns_ <= upstream.surplus_at + 2)) {
    poisoned_.insert(tag);  // its answer was there before it, unseen by the gateway
  } else if (!asked_first && !upstream.sent.may_go_on()) {
    say("a connection was used again that is not clean", upstream.wire.text());
  }
  if (!tag.empty() && ++times_[tag] > 1 && method == "POST") say("sent twice", upstream.wire.text());
  upstream.sent.asked(method);
  upstream.requests.push_back({.tag = std::move(tag), .method = std::string(method)});
}

void Play::stop() { gateway_.end(); }

void Play::let_go() {
  ending_ = true;
  for (PlayedUpstream& upstream : upstreams_) {
    upstream.wire.receive(std::numeric_limits<std::size_t>::max());
    look(upstream);
    upstream.wire.reset();
  }
  for (PlayedClient& client : clients_) client.wire.reset();
  const auto limit = kernel_clock() + std::chrono::seconds(30);
  const auto holds = [&] {
    return gateway_.connections() != 0 || gateway_.begun() != gateway_.ended() || gateway_.report().held_bytes != 0;
  };
  while (holds() && kernel_clock() < limit) turn();
  if (gateway_.connections() != 0) say("clients are gone, and not their connections", "");
  if (gateway_.begun() != gateway_.ended()) say("a request did not end", "");
  if (gateway_.report().held_bytes != 0) say("bytes are still held", std::to_string(gateway_.report().held_bytes));
  gateway_.end();
  if (gateway_.begun() != gateway_.ended()) say("a request was lost", "");
  if (net::FramePool::mine().in_use() != 0) say("a coroutine is left", std::to_string(net::FramePool::mine().in_use()));
}

void Play::end() {
  for (int quiet = 0; quiet < 3;) quiet = turn() ? 0 : quiet + 1;
  let_go();
  for (const PlayedUpstream& upstream : upstreams_) judge_upstream(upstream);
  for (const PlayedClient& client : clients_) judge_client(client);
}

}  // namespace sallyport::support
