// SPDX-License-Identifier: Apache-2.0
// micro ROUNDS SHORT BROWSER: what parts of a request's way cost alone, in nanoseconds, in a hot loop. The files hold
// two requests' heads. A line for each part: its name, the median of the rounds, the least; tabs between them.

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.hpp"
#include "base/number.hpp"
#include "base/text.hpp"
#include "filters/exchange.hpp"
#include "http/h1/request_parser.hpp"
#include "http/h1/response_parser.hpp"
#include "http/h1/serialiser.hpp"
#include "model/precedence.hpp"
#include "net/loop.hpp"
#include "proxy/log_line.hpp"
#include "routing/choice.hpp"
#include "routing/compiler.hpp"
#include "syntax/host.hpp"
#include "syntax/path.hpp"

namespace {

using namespace sallyport;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds round_time{3};

// Results end here, so that the compiler cannot leave the work out.
volatile std::uint64_t sink = 0;

[[noreturn]] void give_up(std::string_view what) {
  std::fprintf(stderr, "%.*s\n", static_cast<int>(what.size()), what.data());
  std::exit(1);
}

template <class Call>
double nanoseconds(Call& call, std::size_t times) {
  const auto begin = Clock::now();
  for (std::size_t i = 0; i < times; ++i) sink = sink + call();
  return std::chrono::duration<double, std::nano>(Clock::now() - begin).count() / static_cast<double>(times);
}

template <class Call>
void measure(const char* name, std::size_t rounds, Call call) {
  std::size_t times = 1;
  while (nanoseconds(call, times) * static_cast<double>(times) < std::chrono::nanoseconds(round_time).count()) {
    times *= 2;
  }
  std::vector<double> found;
  for (std::size_t i = 0; i < rounds; ++i) found.push_back(nanoseconds(call, times));
  std::ranges::sort(found);
  std::printf("%s\t%.1f\t%.1f\n", name, found[found.size() / 2], found.front());
}

std::string contents(const char* path) {
  std::ifstream file(path, std::ios::binary);
  std::string all{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (all.empty()) give_up(text::cat("nothing in ", path));
  return all;
}

void parse(std::string_view bytes, Arena& arena, http::RequestHead& head) {
  http::Notes notes;
  const auto size = http::h1::parse_request_head(bytes, {}, {}, arena, head, notes);
  if (!size || *size != bytes.size()) give_up("a request's head was refused");
}

// What filters add to every request.
void add_managed(http::Fields& fields) {
  const bool added = fields.add("X-Forwarded-For", "192.0.2.1") && fields.add("X-Forwarded-Proto", "http") &&
                     fields.add("X-Forwarded-Host", "bench.example") && fields.add("X-Forwarded-Port", "80") &&
                     fields.add("X-Request-Id", "4d1c6a5298c04b0fa6de2f6b1f0c7e35");
  if (!added) give_up("a field was refused");
}

void requests(const char* name, std::size_t rounds, const std::string& bytes) {
  Arena arena;
  measure(text::cat("parse a request's head, ", name).c_str(), rounds, [&] {
    arena.clear();
    http::RequestHead head(arena);
    parse(bytes, arena, head);
    return head.fields.size();
  });
  arena.clear();
  http::RequestHead head(arena);
  parse(bytes, arena, head);
  add_managed(head.fields);
  std::vector<char> room(http::h1::room_for(head, {}));
  measure(text::cat("write a request's head, ", name, " and five fields more").c_str(), rounds, [&] {
    const std::size_t wanted = http::h1::room_for(head, {});
    return http::h1::write_request_head(std::span(room).first(wanted), head, {}).value_or(0);
  });
}

void responses(std::size_t rounds) {
  constexpr std::string_view bytes =
      "HTTP/1.1 200 OK\r\nServer: origin\r\nDate: Fri, 27 Nov 2026 12:00:00 GMT\r\nContent-Type: text/plain\r\n"
      "Content-Length: 100\r\nETag: \"5f1c2ad0-64\"\r\nConnection: keep-alive\r\n\r\n";
  Arena arena;
  const auto parsed = [&](http::ResponseHead& head) {
    http::Notes notes;
    const auto size = http::h1::parse_response_head(bytes, {}, http::Method::get, arena, head, notes);
    if (!size || *size != bytes.size()) give_up("a response's head was refused");
  };
  measure("parse a response's head, 6 fields", rounds, [&] {
    arena.clear();
    http::ResponseHead head(arena);
    parsed(head);
    return head.fields.size();
  });
  arena.clear();
  http::ResponseHead head(arena);
  parsed(head);
  std::vector<char> room(http::h1::room_for(head, {}, {}));
  measure("write a response's head", rounds, [&] {
    const std::size_t wanted = http::h1::room_for(head, {}, {});
    return http::h1::write_response_head(std::span(room).first(wanted), head, {}, {}).value_or(0);
  });
}

void texts(std::size_t rounds) {
  std::array<char, syntax::authority_room> host_room{};
  std::array<char, 256> path_room{};
  const auto host = [&](const char* name, std::string_view text) {
    measure(name, rounds, [&, text] { return syntax::canonical_authority(text, host_room)->host.size(); });
  };
  const auto path = [&](const char* name, std::string_view text) {
    measure(name, rounds, [&, text] { return syntax::canonical_path(text, {}, path_room)->size(); });
  };
  host("host that is canonical", "shop.example.com");
  host("host that is not", "Shop.Example.COM:8080");
  path("path that is canonical", "/team-0042/app-7/v3/items/1234");
  path("path that is not", "/team-0042/./app%2d7//v3/old/../items/1234");
}

std::shared_ptr<const model::Rule> rule(std::size_t number) {
  auto made = std::make_shared<model::Rule>();
  made->id = std::to_string(number);
  made->host = {.kind = model::HostPattern::Kind::exact, .name = text::cat("host-", number / 10, ".example.com")};
  made->path = {.kind = model::PathMatch::Kind::element_prefix, .value = text::cat("/team/app-", number % 10)};
  made->rank.tier = model::standard_tier;
  made->rank.words = model::standard_words(0, made->host, made->path, {});
  made->rank.name = text::cat("shop/", number);
  made->destinations = {{.target = model::BackendRef{.backend = "backend"}}};
  return made;
}

// One request again and again: bench/lookup asks for many, in random order.
void look_up(std::size_t rounds) {
  model::Delta delta{.version = 1};
  delta.listeners.changed = {std::make_shared<const model::Listener>(model::Listener{.id = "l"})};
  for (std::size_t i = 0; i < 1'000; ++i) delta.rules.changed.push_back(rule(i));
  routing::Compiler compiler;
  compiler.apply(delta);
  const routing::SnapshotPtr snapshot = compiler.current();
  const routing::Listener& listener = *snapshot->listener("l");
  const syntax::IpAddress client;
  Arena arena;
  http::RequestHead head(arena);
  head.method_text = "GET";
  head.host = "host-42.example.com";
  head.path = "/team/app-7/items/1234";
  measure("find the rule, of 1,000 on 100 hosts", rounds, [&] {
    routing::Choice choice(*snapshot, listener, head, client);
    const routing::Rule* found = choice.next().rule;
    if (found == nullptr) give_up("no rule was found");
    return found->model.id.size();
  });
}

class NoInterim final : public http::InterimSink {
 public:
  net::Task<Result<void>> interim(const http::ResponseHead&) override { co_return Result<void>(); }
};

class NoCaller final : public http::Caller {
 public:
  net::Task<Result<http::Response>> call(std::string_view, const http::Request&, Arena&, http::CallLimits) override {
    co_return fail(Code::internal);
  }
};

class Logged final : public filters::Exchange {
 public:
  using Exchange::Exchange;
  ~Logged() override = default;
  net::Task<Result<http::Response>> reroute() override { co_return fail(Code::internal); }
};

void log_line(std::size_t rounds, const std::string& browser) {
  Arena arena;
  net::Loop loop;
  NoInterim no_interim;
  NoCaller no_caller;
  const http::ConnectionFacts connection{.peer = *syntax::SocketAddress::parse("192.0.2.1:1234")};
  http::Incoming incoming(arena, loop, connection, no_interim);
  parse(browser, arena, incoming.request.head);
  filters::SharedStates shared;
  filters::WorkerStates states(shared);
  const model::Listener listener{.id = "web"};
  Logged exchange(incoming, listener, states, no_caller, std::array<std::uint64_t, 2>{});
  model::Rule matched;
  matched.origin = {.object = {.kind = "Ingress", .namespace_ = "shop", .name = "web"}, .field = "spec.rules[0]"};
  exchange.match.rule = &matched;
  exchange.log = {.request_id = "4d1c6a5298c04b0fa6de2f6b1f0c7e35",
                  .backend = "shop/web:80",
                  .endpoint = *syntax::SocketAddress::parse("10.0.0.1:8080"),
                  .attempts = 1};
  const auto now = std::chrono::system_clock::now();
  std::string line;
  measure("access log line, browser's head", rounds, [&] {
    line.clear();
    proxy::append_log_line(line, now, exchange, {.status = 200, .sent = 100, .took = std::chrono::microseconds(321)});
    return line.size();
  });
}

}  // namespace

int main(int argc, char** argv) {
  const auto rounds = argc == 4 ? parse_decimal<std::size_t>(argv[1]) : std::nullopt;
  if (!rounds || *rounds == 0) {
    std::fputs("usage: micro ROUNDS SHORT BROWSER\n", stderr);
    return 2;
  }
  const std::string browser = contents(argv[3]);
  requests("short", *rounds, contents(argv[2]));
  requests("browser's", *rounds, browser);
  responses(*rounds);
  texts(*rounds);
  look_up(*rounds);
  log_line(*rounds, browser);
  return 0;
}
