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

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <deque>
#include <filesystem>
#include <iterator>
#include <limits>
#include <map>
#include <string>
#include <string_view>

#include "base/text.hpp"
#include "net/frame_pool.hpp"
#include "require.hpp"
#include "script_bytes.hpp"
#include "support/descriptors.hpp"
#include "support/session_clock.hpp"
#include "support/session_gateway.hpp"
#include "support/session_h2.hpp"
#include "support/session_judge.hpp"

// Stands still but for what the script says.
std::chrono::steady_clock::time_point std::chrono::steady_clock::now() noexcept {
  return sallyport::net::Time(std::chrono::hours(24) + sallyport::net::Duration(sallyport::support::clock_ahead));
}

namespace sallyport::fuzz {
namespace {

using http::h2::FrameType;
using support::H2Side;

constexpr std::size_t most_steps = 300;
constexpr std::size_t most_clients = 8;

support::Listener& door() {
  static support::Listener one = support::tcp_listener(64);
  return one;
}

net::Fd next_at_door() { return net::Fd(::accept4(door().fd.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)); }

std::string repeated(std::string_view tag, std::size_t times) {
  std::string text;
  for (std::size_t i = 0; i < times; ++i) text += tag;
  return text;
}

struct Client {
  Client(net::Fd fd, std::size_t nth) : side(std::move(fd), false), number(nth) {}

  H2Side side;
  std::size_t number;
  std::uint32_t next = 1;
};

class Script {
 public:
  explicit Script(std::string_view input) : input_(input), gateway_({}, {door().address}, {door().address}, {}, true) {
    while (next_at_door()) {  // whom an earlier script has left waiting
    }
  }

  void run() {
    for (std::size_t steps = 0; steps < most_steps && !input_.empty(); ++steps) step();
    for (int quiet = 0; quiet < 3;) quiet = turn() ? 0 : quiet + 1;
    let_go();
    for (const auto& client : clients_) judge(client);
    for (const auto& upstream : upstreams_) judge_upstream(upstream);
    if (!fault_.empty()) std::fprintf(stderr, "%s\n", fault_.c_str());
    require(fault_.empty());
  }

 private:
  void say(std::string_view what, std::string_view where) {
    if (fault_.empty() && !what.empty()) fault_ = text::cat(what, ": ", where.substr(0, 200));
  }
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
    } else if (!upstreams_.empty()) {
      step_upstream(what, upstreams_[upstreams_.size() - 1 - who % 4 % upstreams_.size()], back);
    }
  }

  bool step_world(char what, unsigned how) {
    constexpr std::array<int, 8> times = {1, 100, 1'001, 2'001, 10'001, 30'001, 60'001, 3'600'001};
    switch (what) {
      case 't':
        for (unsigned i = 0; i <= variant_; ++i) turn();
        return true;
      case 'o':
        support::move_clock(net::Duration(times[variant_]));
        turn();
        return true;
      case 'a':
        gateway_.adopt({.listener = how % 8 != 7, .rules = (how & 1) == 0, .main = (how & 2) == 0});
        return true;
      case 'd':
        gateway_.drain();
        return true;
      case 'j':
        for (H2Side& upstream : upstreams_) {
          for (const auto& [id, stream] : upstream.streams()) {
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
    if (clients_.size() == most_clients) return nullptr;
    net::Fd fd = gateway_.connect();
    if (!fd) return nullptr;
    client = &clients_.emplace_back(std::move(fd), clients_.size());
    client->side.send_settings({});
    return client;
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

  void ask(Client& client, std::string_view method, bool ends) {
    const std::uint32_t id = std::exchange(client.next, client.next + 2);
    const std::string tag = text::cat("~", client.number, ".", id, ";");
    asked_[tag] = {&client, id};
    client.side.send_head(
        id,
        {{":method", std::string(method)}, {":scheme", "http"}, {":authority", "h"}, {":path", text::cat("/a?", tag)}},
        ends);
    client.side.streams()[id].tag = tag;
  }

  void step_client(char what, Client& client, unsigned back) {
    const std::uint32_t id = stream_of(client.side, back);
    if (step_side(what, client.side, id)) return;
    switch (what) {
      case 'g':
        return ask(client, "GET", true);
      case 'h':
        return ask(client, "HEAD", true);
      case 'p':
        return ask(client, "POST", false);
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

  void answer(H2Side& upstream, std::uint32_t id, bool whole) {
    H2Side::Stream& stream = upstream.streams()[id];
    if (stream.head.empty() || stream.begun || stream.was_reset) return;
    stream.tag = support::tag_in(stream.value(":path"));
    const bool is_head = stream.value(":method") == "HEAD";
    upstream.send_head(id, {{":status", "200"}, {"x-tag", stream.tag}}, is_head);
    if (whole && !is_head) upstream.say(id, repeated(stream.tag, size_ / 8), true);
  }

  void step_upstream(char what, H2Side& upstream, unsigned back) {
    const std::uint32_t id = stream_of(upstream, back);
    const auto lower = static_cast<char>(what - 'A' + 'a');
    if (lower != 'l' && lower != 'j' && step_side(lower, upstream, id)) return;
    if (id == 0) return;
    switch (what) {
      case 'A':
      case 'B':
        return answer(upstream, id, what == 'A');
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

  bool turn() {
    gateway_.turn();
    bool moved = false;
    for (net::Fd fd = next_at_door(); fd; fd = next_at_door()) {
      upstreams_.emplace_back(std::move(fd), true).send_settings({});
      if (ending_) upstreams_.back().wire.reset();
      moved = true;
    }
    for (H2Side& upstream : upstreams_) moved = upstream.pump() || moved;
    for (Client& client : clients_) moved = client.side.pump() || moved;
    return moved;
  }

  // Everybody is gone with a reset: the gateway has to let go of all without being given time.
  void let_go() {
    ending_ = true;
    const auto cut = [](H2Side& side) {
      side.wire.receive(std::numeric_limits<std::size_t>::max());
      side.read();
      side.wire.reset();
    };
    for (H2Side& upstream : upstreams_) cut(upstream);
    for (Client& client : clients_) cut(client.side);
    const auto limit = support::kernel_clock() + std::chrono::seconds(30);
    const auto holds = [&] {
      return gateway_.connections() != 0 || gateway_.begun() != gateway_.ended() || gateway_.report().held_bytes != 0;
    };
    while (holds() && support::kernel_clock() < limit) turn();
    if (holds()) say("something is still held", std::to_string(gateway_.report().held_bytes));
    gateway_.end();
    if (net::FramePool::mine().in_use() != 0)
      say("a coroutine is left", std::to_string(net::FramePool::mine().in_use()));
  }

  static bool is_made_of(std::string_view body, std::string_view tag) {
    for (; body.size() >= tag.size(); body.remove_prefix(tag.size())) {
      if (!body.starts_with(tag)) return false;
    }
    return tag.starts_with(body);
  }

  void judge(const Client& client) {
    say(client.side.fault(), "a client");
    if (client.side.is_wild()) return;
    for (const auto& [id, stream] : client.side.streams()) {
      const std::string tag = stream.value("x-tag");
      if (stream.head.empty() || tag.empty()) continue;  // what the gateway says by itself
      if (tag != stream.tag) return say("an answer to another request", tag);
      if (!is_made_of(stream.body, tag)) return say("a body of another answer", stream.body);
      if (!stream.ended || stream.is_cut) continue;
      const bool was_sent = std::ranges::any_of(upstreams_, [&](const H2Side& upstream) {
        return upstream.is_wild() || std::ranges::any_of(upstream.streams(), [&](const auto& one) {
                 return one.second.tag == tag && one.second.ends && one.second.said == stream.body;
               });
      });
      if (!was_sent) return say("an answer that nobody has sent so", tag);
    }
  }

  void judge_upstream(const H2Side& upstream) {
    say(upstream.fault(), "an upstream");
    if (upstream.is_wild()) return;
    for (const auto& [id, stream] : upstream.streams()) {
      if (stream.head.empty()) continue;
      const std::string tag = support::tag_in(stream.value(":path"));
      const auto found = asked_.find(tag);
      if (found == asked_.end()) return say("a request of nobody's", stream.value(":path"));
      const Client& client = *found->second.first;
      if (client.side.is_wild()) continue;
      const H2Side::Stream& asked = client.side.streams().at(found->second.second);
      if (!std::string_view(asked.said).starts_with(stream.body)) return say("a body of another request", stream.body);
      if (stream.ended && (!asked.ends || asked.said != stream.body)) return say("an upload that was cut", tag);
      if (!stream.body.empty() && ++uploads_[tag] > 1) return say("sent twice", tag);
    }
  }

  fuzz::ScriptBytes input_;
  support::Gateway gateway_;
  std::deque<Client> clients_;
  std::deque<H2Side> upstreams_;
  std::array<Client*, 4> slots_{};
  std::map<std::string, std::pair<const Client*, std::uint32_t>> asked_;
  std::map<std::string, int> uploads_;
  unsigned variant_ = 0;
  std::size_t size_ = 0;
  bool ending_ = false;
  std::string fault_;
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
