// SPDX-License-Identifier: Apache-2.0
// A gateway that speaks HTTP/2 on both sides: the input is a script of steps, three bytes each (what, who, how), of
// clients, of upstreams, of what the gateway is told, and of time. Each answer belongs to the request that asked and is
// as long as it was sent, each upload comes as it was sent, frames keep to their windows, and in the end nothing is
// held.
//
// Clients, small letters:  g GET  h HEAD  p head of a POST  b bytes of its body  l its end  c its reset
// Upstreams, capitals:     A answer  B its head alone  D bytes of its body  L its end  C its reset  G GOAWAY
//   J an interim head
// Both:   w window of the stream  k of all  i SETTINGS  q PING  e empty DATA  y a stream that is no more  r raw bytes
//   f end  v close  z reset  s stop to receive  m go on  n receive a few bytes
// World:  t turns  o time passes  a another snapshot  d drain  j everybody answers

#include <array>
#include <cstdio>
#include <filesystem>
#include <iterator>
#include <string>
#include <string_view>

#include "require.hpp"
#include "script_bytes.hpp"
#include "support/session_clock.hpp"
#include "support/session_h2_play.hpp"

// Stands still but for what the script says.
std::chrono::steady_clock::time_point std::chrono::steady_clock::now() noexcept {
  return sallyport::net::Time(std::chrono::hours(24) + sallyport::net::Duration(sallyport::support::clock_ahead));
}

namespace sallyport::fuzz {
namespace {

using http::h2::FrameType;
using support::H2Side;
using Client = support::PlayedH2Client;
using Upstream = support::PlayedH2Upstream;

constexpr std::size_t most_steps = 300;
constexpr std::size_t most_clients = 8;

std::string repeated(std::string_view tag, std::size_t times) {
  std::string text;
  for (std::size_t i = 0; i < times; ++i) text += tag;
  return text;
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
    const unsigned who = input_.take() - '0';
    const unsigned how = input_.take() - '0';
    variant_ = how & 7;
    constexpr std::array<std::size_t, 8> sizes = {1, 0, 2, 100, 3000, 20'000, 60'000, 200'000};
    size_ = sizes[how >> 3 & 7];
    if (step_world(what, how)) return;
    const unsigned back = who >> 2 & 7;
    if (what >= 'a') {
      if (Client* const client = client_of(who)) step_client(what, *client, back);
    } else if (!play_.upstreams().empty()) {
      auto& all = play_.upstreams();
      step_upstream(what, all[all.size() - 1 - who % 4 % all.size()], back);
    }
  }

  bool step_world(char what, unsigned how) {
    constexpr std::array<int, 8> times = {1, 100, 1'001, 2'001, 10'001, 30'001, 60'001, 3'600'001};
    switch (what) {
      case 't':
        for (unsigned i = 0; i <= variant_; ++i) play_.turn();
        return true;
      case 'o':
        support::move_clock(net::Duration(times[variant_]));
        play_.turn();
        return true;
      case 'a':
        play_.gateway().adopt({.listener = how % 8 != 7, .rules = (how & 1) == 0, .main = (how & 2) == 0});
        return true;
      case 'd':
        play_.gateway().drain();
        return true;
      case 'j':
        for (Upstream& upstream : play_.upstreams()) {
          for (const auto& [id, stream] : upstream.side.streams()) {
            if (!stream.head.empty() && !stream.begun) answer(upstream, id, true);
          }
        }
        return true;
      default:
        return false;
    }
  }

  Client* client_of(unsigned who) {
    Client*& client = slots_[who % slots_.size()];
    if (client != nullptr && client->side.wire.is_open()) return client;
    if (play_.clients().size() == most_clients) return nullptr;
    Client* const made = play_.connect();
    if (made != nullptr) client = made;
    return made;
  }

  // The stream that has been there for `back` others.
  static std::uint32_t stream_of(const H2Side& side, unsigned back) {
    std::uint32_t id = 0;
    for (auto one = side.streams().rbegin(); one != side.streams().rend(); ++one) {
      if (one->first == 0) continue;
      id = one->first;
      if (back-- == 0) break;
    }
    return id;
  }

  // What both sides can do. True: done.
  bool step_side(char what, H2Side& side, std::uint32_t id) {
    constexpr std::array<std::uint32_t, 8> windows = {1, 1000, 65'535, 1 << 20, 1 << 24, 0x7FFFFFFF, 0, 16};
    switch (what) {
      case 'w':
        if (id != 0) side.give_window(id, windows[variant_]);
        return true;
      case 'k':
        side.give_window(0, windows[variant_]);
        return true;
      case 'i':
        side.send_settings({{variant_ == 0 ? std::uint16_t{3} : std::uint16_t{4}, windows[variant_]}});
        return true;
      case 'q':
        side.send(FrameType::ping, 0, 0, "01234567");
        return true;
      case 'e':
        if (id != 0 && side.streams()[id].may_say()) side.send(FrameType::data, 0, id, {});
        return true;
      case 'y':
        if (id != 0 && side.streams()[id].is_cut) side.reset(id);
        return true;
      case 'r':
        side.send_raw(input_.take_raw(variant_ * 8 + 1));
        return true;
      case 'f':
        side.wire.finish();
        return true;
      case 'v':
        side.wire.close();
        return true;
      case 'z':
        side.wire.reset();
        return true;
      case 's':
        side.wire.set_holds(true);
        return true;
      case 'm':
        side.wire.set_holds(false);
        return true;
      case 'n':
        side.wire.receive(size_);
        return true;
      default:
        return false;
    }
  }

  void step_client(char what, Client& client, unsigned back) {
    const std::uint32_t id = stream_of(client.side, back);
    if (step_side(what, client.side, id)) return;
    switch (what) {
      case 'g':
        play_.ask(client, "GET", {}, true);
        return;
      case 'h':
        play_.ask(client, "HEAD", {}, true);
        return;
      case 'p':
        play_.ask(client, "POST", {}, false);
        return;
      case 'b':
      case 'l':
        if (id != 0) client.side.say(id, repeated(client.side.streams()[id].tag, size_ / 8), what == 'l');
        return;
      case 'c':
        if (id != 0) client.side.reset(id);
        return;
      default:
        return;
    }
  }

  void answer(Upstream& upstream, std::uint32_t id, bool whole) {
    const bool is_head = upstream.side.streams()[id].value(":method") == "HEAD";
    if (!play_.answer_head(upstream, id, {}, is_head) || !whole || is_head) return;
    upstream.side.say(id, repeated(upstream.side.streams()[id].tag, size_ / 8), true);
  }

  void step_upstream(char what, Upstream& of, unsigned back) {
    H2Side& upstream = of.side;
    const std::uint32_t id = stream_of(upstream, back);
    const auto lower = static_cast<char>(what - 'A' + 'a');
    if (lower != 'l' && lower != 'j' && step_side(lower, upstream, id)) return;
    if (id == 0) return;
    switch (what) {
      case 'A':
      case 'B':
        return answer(of, id, what == 'A');
      case 'D':
      case 'L':
        return upstream.say(id, repeated(upstream.streams()[id].tag, size_ / 8), what == 'L');
      case 'C':
        return upstream.reset(id);
      case 'G':
        return upstream.send(FrameType::goaway, 0, 0,
                             std::string("\0\0\0", 3) + static_cast<char>(id & 0x7F) + std::string(4, '\0'));
      case 'J':
        if (upstream.streams()[id].begun || upstream.streams()[id].head.empty()) return;
        return upstream.send(FrameType::headers, http::h2::flag_end_headers, id, H2Side::block({{":status", "103"}}));
      default:
        return;
    }
  }

  fuzz::ScriptBytes input_;
  support::H2Play play_;
  std::array<Client*, 4> slots_{};
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
