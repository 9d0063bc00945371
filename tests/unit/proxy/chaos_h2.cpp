// SPDX-License-Identifier: Apache-2.0
// A chaos case over HTTP/2, before the judges of support::H2Play. What goes through a tunnel is made of tags, as bodies
// are.

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "base/text.hpp"
#include "support/session_h2_play.hpp"
#include "support/session_judge.hpp"
#include "unit/proxy/chaos_sides.hpp"

namespace sallyport::proxy {
namespace {

using http::h2::FrameType;
using support::H2Side;
using support::PlayedH2Client;
using support::PlayedH2Upstream;

constexpr std::uint16_t enable_connect_protocol = 8;  // RFC 8441 3

std::string body_of(const std::string& tag) { return text::cat(tag, tag, tag); }

std::string length_of(const std::string& body) { return std::to_string(body.size()); }

class ChaosH2 final : public ChaosSides {
 public:
  ChaosH2(const ChaosCase& of, support::Gateway::Chains chains)
      : ChaosSides(of), play_(std::move(chains), true, {{enable_connect_protocol, 1}}), client_(play_.connect()) {}

  support::Gateway& gateway() override { return play_.gateway(); }
  void connect() override { client_ = play_.connect(); }
  void ask(Kind kind) override;
  bool turn() override { return play_.turn(); }
  bool step_upstreams() override {
    bool moved = false;
    for (PlayedH2Upstream& upstream : play_.upstreams()) moved = step_upstream(upstream) || moved;
    return moved;
  }
  bool step_client() override;
  void end_client(Event how) override {
    if (how == Event::client_reset) client_->side.wire.reset();
    if (how == Event::client_close) client_->side.wire.close();
    if (how == Event::client_finish) client_->side.wire.finish();
  }
  void reset_upstreams() override {
    for (PlayedH2Upstream& upstream : play_.upstreams()) {
      if (!upstream.of_side) upstream.side.wire.reset();
    }
  }
  bool client_is_open() override { return client_->side.wire.is_open(); }
  bool client_is_over() override {
    const H2Side::Stream& last = client_->side.streams()[client_->next - 2];
    return client_->side.wire.over() || last.was_reset || (last.ended && !is_served());
  }
  bool is_answered() override;
  bool is_served() override {
    const H2Side::Stream& last = client_->side.streams()[client_->next - 2];
    return last.ended && last.body == body_of(last.tag);
  }
  std::string got() override;
  void stop() override { play_.stop(); }
  std::string end() override {
    play_.end();
    return play_.fault();
  }

 private:
  bool step_upstream(PlayedH2Upstream& upstream);
  bool step_stream(PlayedH2Upstream& upstream, std::uint32_t id);
  bool misbehave(PlayedH2Upstream& upstream, std::uint32_t id);
  void answer(PlayedH2Upstream& upstream, std::uint32_t id);
  void answer_well(PlayedH2Upstream& upstream, std::uint32_t id);

  support::H2Play play_;
  PlayedH2Client* client_;
  PlayedH2Upstream* first_ = nullptr;  // that was asked
  std::uint32_t first_stream_ = 0;
  unsigned steps_of_first_ = 0;
  bool sent_body_ = false;
};

void ChaosH2::ask(Kind kind) {
  H2Side& side = client_->side;
  const auto tag = [&](std::uint32_t id) { return side.streams()[id].tag; };
  // The tag of the next stream, whose length is known before it is asked on.
  const std::string next_tag = text::cat("~", client_->number, ".", client_->next, ";");
  const H2Side::List length = {{"content-length", length_of(body_of(next_tag))}};
  switch (kind) {
    case Kind::pipelined:
      play_.ask(*client_, "GET", {}, true);
      [[fallthrough]];
    case Kind::get:
      play_.ask(*client_, "GET", {}, true);
      return;
    case Kind::head:
      play_.ask(*client_, "HEAD", {}, true);
      return;
    case Kind::post: {
      const std::uint32_t id = play_.ask(*client_, "POST", length, false);
      return side.say(id, body_of(tag(id)), true);
    }
    case Kind::expect:
      play_.ask(*client_, "POST", {length[0], {"expect", "100-continue"}}, false);
      return;
    case Kind::post_chunked: {
      const std::uint32_t id = play_.ask(*client_, "POST", {}, false);
      side.say(id, tag(id), false);
      return side.say(id, tag(id), true);
    }
    case Kind::upgrade:
      play_.ask(*client_, "CONNECT", {{":protocol", "websocket"}, {"sec-websocket-version", "13"}}, false);
      return;
  }
}

void ChaosH2::answer(PlayedH2Upstream& upstream, std::uint32_t id) {
  const H2Side::Stream& stream = upstream.side.streams()[id];
  const bool is_head = stream.value(":method") == "HEAD";
  const std::string body = body_of(support::tag_in(stream.value(":path")));
  if (play_.answer_head(upstream, id, {{"content-length", length_of(body)}}, is_head) && !is_head) {
    upstream.side.say(id, body, true);
  }
}

void ChaosH2::answer_well(PlayedH2Upstream& upstream, std::uint32_t id) {
  const bool is_tunnel = upstream.side.streams()[id].value(":method") == "CONNECT";
  if (!is_tunnel) return answer(upstream, id);
  play_.answer_head(upstream, id, {}, false);
}

// True: something happened.
bool ChaosH2::misbehave(PlayedH2Upstream& upstream, std::uint32_t id) {
  const unsigned step = steps_of_first_++;
  H2Side& side = upstream.side;
  H2Side::Stream& stream = side.streams()[id];
  const bool is_head = stream.value(":method") == "HEAD";
  const bool is_whole = stream.ended || stream.value(":method") == "CONNECT";
  switch (case_.behaviour) {
    case Behaviour::answers:
      if (!is_whole) break;
      answer_well(upstream, id);
      return true;
    case Behaviour::chunks:
      if (step == 0) {
        if (play_.answer_head(upstream, id, {}, is_head)) side.say(id, stream.tag, false);
        return true;
      }
      if (is_head || !stream.may_say()) return true;
      side.say(id, stream.tag, false);
      side.send(FrameType::headers, http::h2::flag_end_headers | http::h2::flag_end_stream, id,
                H2Side::block({{"x-end", "yes"}}));
      stream.ends = stream.sent_end = true;
      return true;
    case Behaviour::early:
      answer(upstream, id);
      return true;
    case Behaviour::interim:
      if (step == 0) {
        side.send(FrameType::headers, http::h2::flag_end_headers, id,
                  H2Side::block({{":status", "103"}, {"link", "</a.css>"}}));
        return true;
      }
      if (!is_whole) break;
      answer_well(upstream, id);
      return true;
    case Behaviour::closes:
      if (!is_whole) break;
      answer(upstream, id);
      side.wire.close();
      return true;
    case Behaviour::resets:
      side.wire.reset();
      return true;
    case Behaviour::silent:
      return false;
    case Behaviour::garbage:
      side.send_raw("this is not a response\r\n\r\n");
      return true;
    case Behaviour::cut:
      if (play_.answer_head(upstream, id, {{"content-length", "100"}}, is_head) && !is_head)
        side.say(id, stream.tag, false);
      side.wire.close();
      return true;
    case Behaviour::surplus:
      if (!is_whole) break;
      answer(upstream, id);
      side.send(FrameType::headers, http::h2::flag_end_headers | http::h2::flag_end_stream, id,
                H2Side::block({{":status", "200"}}));
      return true;
  }
  --steps_of_first_;
  return false;
}

bool ChaosH2::step_stream(PlayedH2Upstream& upstream, std::uint32_t id) {
  H2Side& side = upstream.side;
  H2Side::Stream& stream = side.streams()[id];
  if (stream.head.empty() || stream.was_reset) return false;
  if (first_ == nullptr && !upstream.of_side) {
    first_ = &upstream;
    first_stream_ = id;
  }
  const bool misbehaves = !behaves_ && &upstream == first_ && id == first_stream_;
  if (misbehaves && steps_of_first_ < most_steps()) return misbehave(upstream, id);
  const bool is_tunnel = stream.value(":method") == "CONNECT";
  if (is_tunnel && (!stream.body.empty() || stream.ended) && stream.may_say()) {
    side.say(id, stream.tag, true);
    return true;
  }
  if (misbehaves || stream.begun || (!stream.ended && !is_tunnel)) return false;
  if (upstream.of_side && forget_side_once()) return true;
  answer_well(upstream, id);
  return true;
}

bool ChaosH2::step_upstream(PlayedH2Upstream& upstream) {
  bool moved = false;
  for (const auto& [id, stream] : upstream.side.streams()) {
    if (!upstream.side.wire.is_open()) return moved;
    moved = step_stream(upstream, id) || moved;
  }
  return moved;
}

bool ChaosH2::step_client() {
  H2Side& side = client_->side;
  if (sent_body_ || client_->number != 0 || !side.wire.is_open()) return false;
  H2Side::Stream& stream = side.streams()[1];
  const bool may_go_on = case_.kind == Kind::expect ? std::ranges::find(stream.interims, "100") != stream.interims.end()
                         : case_.kind == Kind::upgrade ? stream.value(":status") == "200" && !stream.ended
                                                       : false;
  if (!may_go_on) return false;
  sent_body_ = true;
  side.say(1, case_.kind == Kind::expect ? body_of(stream.tag) : stream.tag, true);
  return true;
}

bool ChaosH2::is_answered() {
  H2Side& side = client_->side;
  bool all = true;
  for (const auto& [id, stream] : side.streams()) {
    if (id == 0) continue;
    if (id == 1 && status_ == 0 && !stream.head.empty())
      status_ = static_cast<unsigned>(std::stoul(stream.value(":status")));
    all = all && (stream.ended || stream.was_reset);
  }
  return all || side.wire.over();
}

std::string ChaosH2::got() {
  std::string all;
  for (const auto& [id, stream] : client_->side.streams()) {
    all += text::cat(id, ": ", stream.value(":status"), " ", stream.body, stream.ended ? " ended" : "",
                     stream.was_reset ? " reset" : "", "; ");
  }
  return all;
}

}  // namespace

std::unique_ptr<ChaosSides> make_chaos_h2(const ChaosCase& of, support::Gateway::Chains chains) {
  return std::make_unique<ChaosH2>(of, std::move(chains));
}

}  // namespace sallyport::proxy
