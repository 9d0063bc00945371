// SPDX-License-Identifier: Apache-2.0
// lookup [ROUNDS]: what it costs to find the rule of a request, in nanoseconds, among 100, 5,000 and 40,000 rules that
// are spread over many hosts or lie on one. Requests come in random order, so what is large is not in the nearest
// cache. Beside it, what it costs to change one rule, in microseconds.

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.hpp"
#include "base/text.hpp"
#include "model/precedence.hpp"
#include "routing/choice.hpp"
#include "routing/compiler.hpp"

namespace {

using namespace sallyport;

constexpr std::size_t questions = 20'000;
constexpr std::size_t changes = 1'000;

std::string padded(std::size_t number, std::size_t width) {
  const std::string digits = std::to_string(number);
  return std::string(width - std::min(width, digits.size()), '0') + digits;
}

// Ten paths an Ingress, its Ingresses on a thousand hosts, or all on one.
std::shared_ptr<const model::Rule> rule(std::size_t number, bool one_host) {
  const std::size_t ingress = number / 10;
  auto made = std::make_shared<model::Rule>();
  made->id = std::to_string(number);
  made->host = {.kind = model::HostPattern::Kind::exact,
                .name = one_host ? "shop.example.com" : text::cat("host-", ingress % 1'000, ".example.com")};
  made->path = {.kind = model::PathMatch::Kind::element_prefix,
                .value = text::cat("/team-", padded(ingress, 4), "/app-", number % 10, "/v", number % 7)};
  made->rank.tier = model::standard_tier;
  made->rank.words = model::standard_words(0, made->host, made->path, {});
  made->rank.name = text::cat("shop/ingress-", ingress);
  made->destinations = {{.target = model::BackendRef{.backend = text::cat("backend-", number % 500)}}};
  return made;
}

struct Figures {
  double look_up = 0;  // ns, the median of the rounds
  double least = 0;    // ns, the best round: what others on the machine did not disturb
  double change = 0;   // us, the median
  double build = 0;    // ms
  double bytes = 0;    // a rule
};

double median(std::vector<double> all) {
  std::ranges::sort(all);
  return all[all.size() / 2];
}

template <class Call>
double seconds(Call call) {
  const auto begin = std::chrono::steady_clock::now();
  call();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

// Hosts and paths of requests that the rules fit, in random order and close together: the texts of a real request have
// just been read, so it is not they that should cost a miss.
struct Requests {
  struct Texts {
    std::uint32_t host;  // where they begin
    std::uint32_t path;
    std::uint32_t end;
  };

  explicit Requests(const std::vector<std::shared_ptr<const model::Rule>>& rules) {
    std::mt19937 random(1);
    const auto size = [this] { return static_cast<std::uint32_t>(bytes.size()); };
    for (std::size_t i = 0; i < questions; ++i) {
      const model::Rule& one = *rules[random() % rules.size()];
      Texts& now = texts.emplace_back();
      now.host = size();
      bytes += one.host.name;
      now.path = size();
      bytes += one.path.value + "/item";
      now.end = size();
      wanted.push_back(&one);
    }
  }

  std::string_view text(std::uint32_t begin, std::uint32_t end) const {
    return std::string_view(bytes).substr(begin, end - begin);
  }

  std::string bytes;
  std::vector<Texts> texts;
  std::vector<const model::Rule*> wanted;
};

Figures measure(std::size_t count, bool one_host, std::size_t rounds) {
  model::Delta delta{.version = 1};
  delta.listeners.changed = {
      std::make_shared<const model::Listener>(model::Listener{.id = "l", .addresses = {}, .chain = {}, .origin = {}})};
  for (std::size_t i = 0; i < count; ++i) delta.rules.changed.push_back(rule(i, one_host));
  const auto rules = delta.rules.changed;
  const Requests requests(rules);
  routing::Compiler compiler;
  Figures figures;
  figures.build = 1e3 * seconds([&] { compiler.apply(delta); });
  figures.bytes = static_cast<double>(compiler.counts().bytes) / static_cast<double>(count);
  const routing::SnapshotPtr snapshot = compiler.current();
  const routing::Listener& listener = *snapshot->listener("l");
  const syntax::IpAddress client;
  Arena arena;
  http::RequestHead head(arena);
  head.method_text = "GET";
  std::vector<double> look_ups;
  std::vector<const routing::Rule*> found(questions);
  for (std::size_t round = 0; round < rounds; ++round) {
    look_ups.push_back(seconds([&] {
      for (std::size_t i = 0; i < questions; ++i) {
        const Requests::Texts& texts = requests.texts[i];
        head.host = requests.text(texts.host, texts.path);
        head.path = requests.text(texts.path, texts.end);
        routing::Choice choice(*snapshot, listener, head, client);
        found[i] = choice.next().rule;
      }
    }));
    std::size_t wrong = 0;
    for (std::size_t i = 0; i < questions; ++i) {
      wrong += found[i] == nullptr || &found[i]->model != requests.wanted[i] ? 1 : 0;
    }
    if (wrong != 0) {
      std::fprintf(stderr, "%zu look-ups found another rule\n", wrong);
      std::exit(1);
    }
  }
  figures.look_up = 1e9 * median(look_ups) / static_cast<double>(questions);
  figures.least = 1e9 * std::ranges::min(look_ups) / static_cast<double>(questions);
  std::vector<double> edits;
  for (std::size_t i = 0; i < changes; ++i) {
    auto changed = std::make_shared<model::Rule>(*rules[i * 7'919 % count]);
    changed->rank.text = std::to_string(i);
    model::Delta edit{.version = i + 2};
    edit.rules.changed = {changed};
    edits.push_back(seconds([&] { compiler.apply(edit); }));
  }
  figures.change = 1e6 * median(edits);
  return figures;
}

}  // namespace

int main(int count, char** arguments) {
  const auto rounds = static_cast<std::size_t>(count > 1 ? std::max(1, std::atoi(arguments[1])) : 25);
  std::printf("%-12s %7s %11s %9s %9s %10s %10s %10s %11s\n", "hosts", "rules", "look-up ns", "of 100's", "least ns",
              "of 100's", "change us", "build ms", "bytes/rule");
  for (const bool one_host : {false, true}) {
    Figures small;
    for (const std::size_t rules : {100U, 5'000U, 40'000U}) {
      const Figures now = measure(rules, one_host, rounds);
      if (rules == 100) small = now;
      std::printf("%-12s %7zu %11.0f %9.2f %9.0f %10.2f %10.1f %10.1f %11.0f\n", one_host ? "one" : "up to 1,000",
                  rules, now.look_up, now.look_up / small.look_up, now.least, now.least / small.least, now.change,
                  now.build, now.bytes);
    }
  }
  return 0;
}
