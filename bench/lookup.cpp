// SPDX-License-Identifier: Apache-2.0
// lookup [ROUNDS]: what it costs to find the rule of a request, in nanoseconds, among 100, 5,000 and 40,000 rules that
// are spread over many hosts or lie on one. Requests come in random order, so what is large is not in the nearest cache.
// Beside it, what it costs to change one rule, in microseconds.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <random>
#include <string>
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
  double nanoseconds = 0;  // a look-up
  double microseconds = 0;  // a change
  double build = 0;         // ms
  double bytes = 0;         // a rule
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

// Heads of requests that the rules fit, in random order.
struct Requests {
  Requests(const std::vector<std::shared_ptr<const model::Rule>>& rules) {
    std::mt19937 random(1);
    heads.reserve(questions);
    texts.reserve(questions * 2);
    for (std::size_t i = 0; i < questions; ++i) {
      const model::Rule& one = *rules[random() % rules.size()];
      http::RequestHead& head = heads.emplace_back(arena);
      head.host = texts.emplace_back(one.host.name);
      head.path = texts.emplace_back(one.path.value + "/item");
      head.method_text = "GET";
      wanted.push_back(&one);
    }
  }

  Arena arena;
  std::vector<std::string> texts;
  std::vector<http::RequestHead> heads;
  std::vector<const model::Rule*> wanted;
};

Figures measure(std::size_t count, bool one_host, std::size_t rounds) {
  model::Delta delta{.version = 1};
  delta.listeners.changed = {std::make_shared<const model::Listener>(
      model::Listener{.id = "l", .addresses = {}, .chain = {}, .origin = {}})};
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
  std::vector<double> look_ups;
  std::vector<const routing::Rule*> found(questions);
  for (std::size_t round = 0; round < rounds; ++round) {
    look_ups.push_back(seconds([&] {
      for (std::size_t i = 0; i < questions; ++i) {
        routing::Choice choice(*snapshot, listener, requests.heads[i], client);
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
  if (std::getenv("LEAST")) std::ranges::fill(look_ups, std::ranges::min(look_ups));
  figures.nanoseconds = 1e9 * median(look_ups) / static_cast<double>(questions);
  std::vector<double> edits;
  for (std::size_t i = 0; i < changes; ++i) {
    auto changed = std::make_shared<model::Rule>(*rules[i * 7'919 % count]);
    changed->rank.text = std::to_string(i);
    model::Delta edit{.version = i + 2};
    edit.rules.changed = {changed};
    edits.push_back(seconds([&] { compiler.apply(edit); }));
  }
  figures.microseconds = 1e6 * median(edits);
  return figures;
}

}  // namespace

int main(int count, char** arguments) {
  const auto rounds = static_cast<std::size_t>(count > 1 ? std::max(1, std::atoi(arguments[1])) : 25);
  std::printf("%-12s %8s %12s %14s %12s %14s %12s\n", "hosts", "rules", "look-up ns", "of 100's cost", "change us",
              "first build ms", "bytes/rule");
  for (const bool one_host : {false, true}) {
    double least = 0;
    for (const std::size_t rules : {100U, 5'000U, 40'000U}) {
      const Figures figures = measure(rules, one_host, rounds);
      if (least == 0) least = figures.nanoseconds;
      std::printf("%-12s %8zu %12.0f %14.2f %12.1f %14.1f %12.0f\n", one_host ? "one" : "up to 1,000", rules,
                  figures.nanoseconds, figures.nanoseconds / least, figures.microseconds, figures.build, figures.bytes);
    }
  }
  return 0;
}
