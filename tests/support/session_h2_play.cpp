// SPDX-License-Identifier: Apache-2.0
#include "support/session_h2_play.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <limits>

#include "base/text.hpp"
#include "net/frame_pool.hpp"
#include "support/descriptors.hpp"
#include "support/session_clock.hpp"
#include "support/session_judge.hpp"

namespace sallyport::support {
namespace {

// Opened once: the endpoint of main and that of side.
std::array<Listener, 2>& doors() {
  static std::array<Listener, 2> both = {tcp_listener(64), tcp_listener(64)};
  return both;
}

net::Fd next_at(const Listener& door) {
  return net::Fd(::accept4(door.fd.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
}

bool is_made_of(std::string_view body, std::string_view tag) {
  for (; body.size() >= tag.size(); body.remove_prefix(tag.size())) {
    if (!body.starts_with(tag)) return false;
  }
  return tag.starts_with(body);
}

}  // namespace

H2Play::H2Play(Gateway::Chains chains, bool own_answers, H2Side::Settings settings)
    : own_answers_(own_answers),
      settings_(std::move(settings)),
      gateway_({}, {doors()[0].address}, {doors()[1].address}, std::move(chains), true) {
  for (const Listener& door : doors()) {
    while (next_at(door)) {  // whom an earlier play has left waiting
    }
  }
}

void H2Play::say(std::string_view what, std::string_view where) {
  if (fault_.empty() && !what.empty()) fault_ = text::cat(what, ": ", where.substr(0, 200));
}

PlayedH2Client* H2Play::connect() {
  net::Fd fd = gateway_.connect();
  if (!fd) return nullptr;
  PlayedH2Client& client = clients_.emplace_back(std::move(fd), clients_.size());
  client.side.send_settings({});
  return &client;
}

std::uint32_t H2Play::ask(PlayedH2Client& client, std::string_view method, const H2Side::List& more, bool ends) {
  const std::uint32_t id = std::exchange(client.next, client.next + 2);
  const std::string tag = text::cat("~", client.number, ".", id, ";");
  asked_[tag] = {&client, id};
  H2Side::List fields = {
      {":method", std::string(method)}, {":scheme", "http"}, {":authority", "h"}, {":path", text::cat("/a?", tag)}};
  fields.insert(fields.end(), more.begin(), more.end());
  client.side.send_head(id, fields, ends);
  client.side.streams()[id].tag = tag;
  return id;
}

bool H2Play::answer_head(PlayedH2Upstream& upstream, std::uint32_t id, const H2Side::List& more, bool ends) {
  H2Side::Stream& stream = upstream.side.streams()[id];
  if (stream.head.empty() || stream.begun || stream.was_reset) return false;
  stream.tag = tag_in(stream.value(":path"));
  H2Side::List fields = {{":status", "200"}};
  if (!stream.tag.empty()) fields.emplace_back("x-tag", stream.tag);
  fields.insert(fields.end(), more.begin(), more.end());
  upstream.side.send_head(id, fields, ends);
  return true;
}

bool H2Play::accept() {
  bool came = false;
  for (std::size_t i = 0; i < doors().size(); ++i) {
    for (net::Fd fd = next_at(doors()[i]); fd; fd = next_at(doors()[i])) {
      H2Side& side = upstreams_.emplace_back(std::move(fd), i == 1).side;
      side.send_settings(settings_);
      if (ending_) side.wire.reset();
      came = true;
    }
  }
  return came;
}

bool H2Play::turn() {
  gateway_.turn();
  bool moved = accept();
  for (PlayedH2Upstream& upstream : upstreams_) moved = upstream.side.pump() || moved;
  for (PlayedH2Client& client : clients_) moved = client.side.pump() || moved;
  return moved;
}

void H2Play::let_go() {
  ending_ = true;
  const auto cut = [](H2Side& side) {
    side.wire.receive(std::numeric_limits<std::size_t>::max());
    side.read();
    side.wire.reset();
  };
  for (PlayedH2Upstream& upstream : upstreams_) cut(upstream.side);
  for (PlayedH2Client& client : clients_) cut(client.side);
  const auto limit = kernel_clock() + std::chrono::seconds(30);
  const auto holds = [&] {
    return gateway_.connections() != 0 || gateway_.begun() != gateway_.ended() || gateway_.report().held_bytes != 0;
  };
  while (holds() && kernel_clock() < limit) turn();
  if (holds()) say("something is still held", std::to_string(gateway_.report().held_bytes));
  gateway_.end();
  if (gateway_.begun() != gateway_.ended()) say("a request was lost", "");
  if (net::FramePool::mine().in_use() != 0) say("a coroutine is left", std::to_string(net::FramePool::mine().in_use()));
}

void H2Play::end() {
  for (int quiet = 0; quiet < 3;) quiet = turn() ? 0 : quiet + 1;
  let_go();
  for (const PlayedH2Client& client : clients_) judge(client);
  for (const PlayedH2Upstream& upstream : upstreams_) judge(upstream);
}

void H2Play::judge(const PlayedH2Client& client) {
  say(client.side.fault(), "a client");
  if (client.side.is_wild()) return;
  for (const auto& [id, stream] : client.side.streams()) {
    const std::string tag = stream.value("x-tag");
    if (stream.head.empty() || tag.empty()) continue;  // what the gateway says by itself
    if (tag != stream.tag) return say("an answer to another request", tag);
    if (!is_made_of(stream.body, tag)) return say("a body of another answer", stream.body);
    if (!stream.ended || stream.is_cut) continue;
    const bool was_sent = std::ranges::any_of(upstreams_, [&](const PlayedH2Upstream& upstream) {
      return upstream.side.is_wild() || std::ranges::any_of(upstream.side.streams(), [&](const auto& one) {
               return one.second.tag == tag && one.second.ends && one.second.said == stream.body;
             });
    });
    if (!was_sent) return say("an answer that nobody has sent so", tag);
  }
}

void H2Play::judge(const PlayedH2Upstream& upstream) {
  say(upstream.side.fault(), "an upstream");
  if (upstream.side.is_wild()) return;
  for (const auto& [id, stream] : upstream.side.streams()) {
    if (stream.head.empty()) continue;
    const std::string tag = tag_in(stream.value(":path"));
    if (tag.empty() && own_answers_) continue;
    const auto found = asked_.find(tag);
    if (found == asked_.end()) return say("a request of nobody's", stream.value(":path"));
    const PlayedH2Client& client = *found->second.first;
    if (client.side.is_wild()) continue;
    const H2Side::Stream& asked = client.side.streams().at(found->second.second);
    if (!std::string_view(asked.said).starts_with(stream.body)) return say("a body of another request", stream.body);
    if (stream.ended && (!asked.ends || asked.said != stream.body)) return say("an upload that was cut", tag);
    if (!stream.body.empty() && ++uploads_[tag] > 1) return say("sent twice", tag);
  }
}

}  // namespace sallyport::support
