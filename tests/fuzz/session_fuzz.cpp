// SPDX-License-Identifier: Apache-2.0
// A gateway between clients and upstreams: the input is a script of steps, three bytes each (what, who, how), of both
// sides, of what the gateway is told, and of time. Judged by support::Play: strict messages, each response to its own
// request, clean connections only, nothing held in the end.
//
// Clients, small letters:  g GET  h HEAD  o OPTIONS  u upgrade  x half of a GET  y its rest
//   p POST  c POST in chunks  q, d their heads alone  e a head that waits for 100  b bytes of a body  k chunk  l last
// Upstreams, capitals:     A answer  C answer in chunks  B, D their heads alone  H a head that ends with the connection
//   P bytes of a body  K chunk  L last  I interim  U switch  V switch wrongly  O an answer and one that nobody asked
//   for
// Both:   r raw bytes  f end  v, Q close  z reset  s stop to receive  m go on  n receive a few bytes
// World:  t turns  w time passes  a another snapshot  i drain  j everybody answers

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <iterator>
#include <string>
#include <string_view>

#include "base/text.hpp"
#include "require.hpp"
#include "script_bytes.hpp"
#include "support/session_clock.hpp"
#include "support/session_play.hpp"

// Stands still but for what the script says.
std::chrono::steady_clock::time_point std::chrono::steady_clock::now() noexcept {
  return sallyport::net::Time(std::chrono::hours(24) + sallyport::net::Duration(sallyport::support::clock_ahead));
}

namespace sallyport::fuzz {
namespace {

using support::PlayedClient;
using support::PlayedUpstream;
using support::Wire;

constexpr std::size_t most_steps = 300;
constexpr std::size_t most_clients = 12;

std::string repeated(std::string_view tag, std::size_t times) {
  std::string text;
  for (std::size_t i = 0; i < times; ++i) text += tag;
  return text;
}

std::string chunk(std::string_view data) {
  std::array<char, 20> size{};
  std::snprintf(size.data(), size.size(), "%zx\r\n", data.size());
  return data.empty() ? std::string() : text::cat(size.data(), data, "\r\n");
}

class Script {
 public:
  explicit Script(std::string_view input) : input_(input) {}

  void run() {
    for (std::size_t steps = 0; steps < most_steps && !input_.empty(); ++steps) step();
    play_.end();
    if (!play_.fault().empty()) std::fprintf(stderr, "%s\n", play_.fault().c_str());
    require(play_.fault().empty());
  }

 private:
  void step() {
    const auto what = static_cast<char>(input_.take());
    if ((what < 'a' || what > 'z') && (what < 'A' || what > 'Z')) return;
    const unsigned who = input_.take();
    const unsigned how = input_.take() - '0';
    variant_ = how & 7;
    constexpr std::array<std::size_t, 8> sizes = {1, 0, 2, 16, 100, 600, 3000, 9000};
    size_ = sizes[how >> 3 & 7];
    if (step_world(what, how)) return;
    if (what >= 'a') {
      if (PlayedClient* const client = client_of(who)) step_client(what, *client);
    } else if (!play_.upstreams().empty()) {
      auto& all = play_.upstreams();
      step_upstream(what, all[all.size() - 1 - who % all.size()]);
    }
  }

  bool step_world(char what, unsigned how) {
    constexpr std::array<int, 8> times = {1, 100, 1'001, 2'001, 10'001, 30'001, 60'001, 3'600'001};
    switch (what) {
      case 't':
        for (unsigned i = 0; i <= variant_; ++i) play_.turn();
        return true;
      case 'w':
        support::move_clock(net::Duration(times[variant_]));
        play_.turn();
        return true;
      case 'a':
        play_.gateway().adopt({.listener = how % 8 != 7,
                               .rules = (how & 1) == 0,
                               .main = (how & 2) == 0,
                               .side = (how & 4) == 0,
                               .first_endpoint_only = (how & 8) != 0,
                               .no_endpoint = (how & 16) != 0});
        return true;
      case 'i':
        play_.gateway().drain();
        return true;
      case 'j':
        for (PlayedUpstream& upstream : play_.upstreams()) {
          if (upstream.asked()) play_.send(upstream, whole(upstream, 200));
        }
        return true;
      default:
        return false;
    }
  }

  PlayedClient* client_of(unsigned who) {
    PlayedClient*& client = slots_[who % slots_.size()];
    if (client == nullptr || !client->wire.is_open()) {
      client = play_.clients().size() < most_clients ? play_.connect() : nullptr;
    }
    return client;
  }

  // True: done.
  bool step_wire(char what, Wire& wire) {
    switch (what) {
      case 'z':
        wire.reset();
        return true;
      case 's':
        wire.set_holds(true);
        return true;
      case 'm':
        wire.set_holds(false);
        return true;
      case 'n':
        wire.receive(size_);
        return true;
      default:
        return false;
    }
  }

  std::string head(PlayedClient& client, std::string_view method) const {
    constexpr std::array<std::string_view, 8> rest = {
        " HTTP/1.1\r\nHost: h\r\n",
        " HTTP/1.0\r\nHost: h\r\n",
        " HTTP/1.1\r\nHost: h\r\nConnection: close\r\n",
        " HTTP/1.0\r\nHost: h\r\nConnection: keep-alive\r\n",
        " HTTP/1.1\r\nHost: h\r\nTE: trailers\r\nConnection: TE\r\n",
        " HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: 192.0.2.1\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n",
        " HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: identity\r\n",
        " HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n"};
    return text::cat(method, " /a?", client.next_tag(), rest[variant_]);
  }

  void step_client(char what, PlayedClient& client) {
    constexpr std::string_view chunked = "Transfer-Encoding: chunked\r\n\r\n";
    const auto send = [&](std::string_view bytes) { play_.send(client, bytes); };
    if (step_wire(what, client.wire)) return;
    switch (what) {
      case 'g':
        return send(head(client, "GET") + "\r\n");
      case 'h':
        return send(head(client, "HEAD") + "\r\n");
      case 'o':
        return send("OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n");
      case 'u':
        return send(head(client, "GET") +
                    "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
      case 'x':
        return send(head(client, "GET"));
      case 'y':
        return send("\r\n");
      case 'p':
      case 'q':
      case 'e': {
        const std::string begin = head(client, "POST");
        const std::string body = repeated(client.tag(), size_);
        const std::string_view expects = what == 'e' ? "Expect: 100-continue\r\n" : "";
        return send(text::cat(begin, expects, "Content-Length: ", body.size(), "\r\n\r\n", what == 'p' ? body : ""));
      }
      case 'c': {
        const std::string begin = head(client, "POST");
        return send(text::cat(begin, chunked, chunk(repeated(client.tag(), size_)), "0\r\n\r\n"));
      }
      case 'd':
        return send(text::cat(head(client, "POST"), chunked));
      case 'b':
        return send(repeated(client.tag(), size_));
      case 'k':
        return send(chunk(repeated(client.tag(), size_)));
      case 'l':
        return send(variant_ == 0 ? "0\r\n\r\n" : "0\r\nX-End: yes\r\n\r\n");
      case 'r':
        return send(input_.take_raw(variant_ * 8 + 1));
      case 'f':
        return client.wire.finish();
      case 'v':
        return client.wire.close();
      default:
        return;
    }
  }

  std::string response(const PlayedUpstream& upstream, unsigned status, std::string_view rest) const {
    const std::string tag = upstream.asked() ? upstream.tag() : std::string();
    return text::cat("HTTP/1.1 ", status, " Text\r\n", tag.empty() ? "" : text::cat("X-Tag: ", tag, "\r\n"),
                     variant_ == 7 ? "Connection: close\r\n" : "", rest, "\r\n");
  }
  std::string length(const PlayedUpstream& upstream) const {
    return text::cat("Content-Length: ", upstream.tag().size() * size_, "\r\n");
  }
  std::string whole(const PlayedUpstream& upstream, unsigned status) const {
    const bool bodiless =
        status == 204 || status == 304 || (!upstream.requests.empty() && upstream.requests.back().method == "HEAD");
    return response(upstream, status, status == 204 ? "" : length(upstream)) +
           (bodiless ? std::string() : repeated(upstream.tag(), size_));
  }

  void step_upstream(char what, PlayedUpstream& upstream) {
    constexpr std::array<unsigned, 8> statuses = {200, 204, 304, 404, 500, 302, 200, 200};
    constexpr std::string_view chunked = "Transfer-Encoding: chunked\r\n";
    const auto send = [&](std::string_view bytes) { play_.send(upstream, bytes); };
    const auto lower = static_cast<char>(what - 'A' + 'a');
    upstream.was_held = upstream.was_held || what == 'S';
    if (step_wire(lower, upstream.wire)) return;
    switch (what) {
      case 'A':
        return send(whole(upstream, statuses[variant_]));
      case 'B':
        return send(response(upstream, 200, length(upstream)));
      case 'C':
        return send(text::cat(response(upstream, 200, chunked), chunk(repeated(upstream.tag(), size_)), "0\r\n\r\n"));
      case 'D':
        return send(response(upstream, 200, chunked));
      case 'H':
        return send(response(upstream, 200, "Connection: close\r\n"));
      case 'P':
        return send(repeated(upstream.tag(), size_));
      case 'K':
        return send(chunk(repeated(upstream.tag(), size_)));
      case 'L':
        return send(variant_ == 0 ? "0\r\n\r\n" : "0\r\nX-End: yes\r\nContent-Length: 5\r\n\r\n");
      case 'I':
        return send(text::cat("HTTP/1.1 ", 100 + variant_ % 4 + (variant_ % 4 == 1 ? 1U : 0U), " Soon\r\n\r\n"));
      case 'U':
      case 'V':
        return send(text::cat("HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n",
                              "Sec-WebSocket-Accept: ", what == 'U' ? "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" : "none",
                              "\r\n\r\n"));
      case 'O': {
        const std::string one = whole(upstream, 200);
        return send(one + one);
      }
      case 'R':
        return send(input_.take_raw(variant_ * 8 + 1));
      case 'F':
        return support::Play::finish(upstream);
      case 'Q':
        return support::Play::close(upstream);
      default:
        return;
    }
  }

  fuzz::ScriptBytes input_;
  support::Play play_;
  std::array<PlayedClient*, 4> slots_{};
  unsigned variant_ = 0;
  std::size_t size_ = 0;
};

std::ptrdiff_t open_descriptors() {
  const std::filesystem::directory_iterator all("/proc/self/fd");
  return std::distance(begin(all), end(all));
}

}  // namespace
}  // namespace sallyport::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sallyport;
  static const bool warm = (fuzz::Script("").run(), true);  // what is opened once is open now
  fuzz::require(warm);
  const std::ptrdiff_t before = fuzz::open_descriptors();
  support::set_clock_right();
  fuzz::Script({reinterpret_cast<const char*>(data), size}).run();
  fuzz::require(fuzz::open_descriptors() == before);
  return 0;
}
