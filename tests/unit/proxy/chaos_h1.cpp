// SPDX-License-Identifier: Apache-2.0
// A chaos case over HTTP/1, before the judges of support::Play.

#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "support/session_play.hpp"
#include "support/strict_validator.hpp"
#include "unit/proxy/chaos_sides.hpp"

namespace sallyport::proxy {
namespace {

using support::PlayedClient;
using support::PlayedUpstream;

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

class ChaosH1 final : public ChaosSides {
 public:
  ChaosH1(const ChaosCase& of, support::Gateway::Chains chains)
      : ChaosSides(of), play_(std::move(chains), true), client_(play_.connect()) {}

  support::Gateway& gateway() override { return play_.gateway(); }
  void connect() override { client_ = play_.connect(); }
  void ask(Kind kind) override;
  bool turn() override { return play_.turn(); }
  bool step_upstreams() override {
    bool moved = false;
    for (PlayedUpstream& upstream : play_.upstreams()) moved = step_upstream(upstream) || moved;
    return moved;
  }
  bool step_client() override;
  void end_client(Event how) override {
    if (how == Event::client_reset) client_->wire.reset();
    if (how == Event::client_close) client_->wire.close();
    if (how == Event::client_finish) client_->wire.finish();
  }
  void reset_upstreams() override {
    for (PlayedUpstream& upstream : play_.upstreams()) {
      if (!upstream.of_side) upstream.wire.reset();
    }
  }
  bool client_is_open() override { return client_->wire.is_open(); }
  bool client_is_over() override { return client_->wire.over(); }
  bool is_answered() override;
  bool is_served() override { return has(client_->wire.text(), body_of(client_->tag())); }
  std::string got() override { return client_->wire.text(); }
  void stop() override { play_.stop(); }
  std::string end() override {
    play_.end();
    return play_.fault();
  }

 private:
  bool step_upstream(PlayedUpstream& upstream);
  bool misbehave(PlayedUpstream& upstream);

  support::Play play_;
  PlayedClient* client_;
  PlayedUpstream* first_ = nullptr;  // that was asked
  unsigned steps_of_first_ = 0;
  bool sent_body_ = false;
  std::set<const PlayedUpstream*> ponged_;  // who has answered in a tunnel
};

void ChaosH1::ask(Kind kind) {
  const auto head = [&](std::string_view method) {
    return text::cat(method, " /a?", client_->next_tag(), " HTTP/1.1\r\nHost: h\r\n");
  };
  switch (kind) {
    case Kind::get:
      return play_.send(*client_, head("GET") + "\r\n");
    case Kind::head:
      return play_.send(*client_, head("HEAD") + "\r\n");
    case Kind::post:
    case Kind::expect: {
      const std::string begin = head("POST");
      const std::string body = body_of(client_->tag());
      const bool waits = kind == Kind::expect;
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
bool ChaosH1::misbehave(PlayedUpstream& upstream) {
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

bool ChaosH1::step_upstream(PlayedUpstream& upstream) {
  if (!upstream.wire.is_open() || upstream.requests.empty()) return false;
  if (first_ == nullptr && !upstream.of_side) first_ = &upstream;
  const bool misbehaves = !behaves_ && &upstream == first_ && upstream.requests.size() == 1;
  if (misbehaves && steps_of_first_ < most_steps()) return misbehave(upstream);
  const bool told = has(upstream.wire.text(), "ping") || upstream.wire.saw_end();
  if (upstream.switched && told && upstream.wire.sent_all() && ponged_.insert(&upstream).second) {
    upstream.wire.send("pong");
    upstream.wire.finish();
    return true;
  }
  if (misbehaves || !upstream.asked() || !upstream.requests.back().complete) return false;
  if (upstream.of_side && forget_side_once()) return true;
  play_.send(upstream, answer_well(upstream));
  return true;
}

bool ChaosH1::step_client() {
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

bool ChaosH1::is_answered() {
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

}  // namespace

std::unique_ptr<ChaosSides> make_chaos_h1(const ChaosCase& of, support::Gateway::Chains chains) {
  return std::make_unique<ChaosH1>(of, std::move(chains));
}

}  // namespace sallyport::proxy
