// SPDX-License-Identifier: Apache-2.0
// Reference: reliability-security.md S7. What a discrepancy prints is the seed and the stream.

#include "support/smuggling_grammar.hpp"

#include <gtest/gtest.h>

#include <atomic>

#include "streams.hpp"
#include "support/dice.hpp"
#include "support/smuggling_oracles.hpp"
#include "support/smuggling_session.hpp"

namespace sallyport::support::smuggling {
namespace {

struct Tally {
  std::atomic<std::uint64_t> passed = 0;
  std::atomic<std::uint64_t> refused = 0;
  std::atomic<std::uint64_t> cut = 0;

  void add(const Made& run) {
    passed += run.passed.size();
    if (run.stop == Stop::refused) ++refused;
    if (run.stop == Stop::cut) ++cut;
  }
};

std::string report(const std::vector<Discrepancy>& found) {
  constexpr std::size_t most = 5;
  std::string text = std::to_string(found.size()) + " discrepancies\n";
  for (std::size_t i = 0; i < std::min(most, found.size()); ++i) {
    text += "seed " + std::to_string(found[i].seed) + ": " + found[i].what + "\n";
  }
  return text;
}

http::Conduct conduct_for(Dice& dice) {
  using http::Underscores;
  http::Conduct conduct = conduct_of_the_gateway();
  if (dice.one_in(4)) conduct.underscores = Underscores::keep;
  if (dice.one_in(8)) conduct.underscores = Underscores::reject;
  return conduct;
}

std::string request_fault(std::uint64_t seed, Tally& tally) {
  const std::string stream = request_stream(seed);
  Dice dice(~seed);
  const Asked asked{.conduct = conduct_for(dice), .stream = stream};
  const Made run = pass_requests(stream, asked.conduct, 0);
  tally.add(run);
  std::string fault = agreement_on_requests(asked, run);
  if (fault.empty()) fault = emission_of_requests(asked, run);
  if (fault.empty()) fault = same_however_cut(run, pass_requests(stream, asked.conduct, 1 + dice.below(40)));
  return fault.empty() ? "" : fault + "\n  " + escaped(stream);
}

http::Method method_of(std::string_view name) {
  if (name == "HEAD") return http::Method::head;
  return name == "POST" ? http::Method::post : http::Method::get;
}

std::string response_fault(std::uint64_t seed, Tally& tally) {
  const ResponseStream stream = response_stream(seed);
  Dice dice(~seed);
  Client client{.http10 = stream.http10, .keeps_alive = true};
  std::vector<std::string> methods;
  std::vector<Made> runs;
  for (const auto& [method, answer] : stream.exchanges) {
    client.keeps_alive = methods.size() + 1 < stream.exchanges.size() || !dice.one_in(3);
    const Made run = pass_response(answer, method_of(method), client, 0);
    tally.add(run);
    std::string fault = agreement_on_response(answer, method, run);
    if (fault.empty()) {
      fault = same_however_cut(run, pass_response(answer, method_of(method), client, 1 + dice.below(40)));
    }
    if (!fault.empty()) return fault + "\n  to " + method + ": " + escaped(answer);
    methods.push_back(method);
    runs.push_back(run);
    const bool answered = !run.passed.empty() && run.passed.back().status >= 200;
    // Without a length an HTTP/1.0 client learns the end by the end.
    const bool ended =
        answered && stream.http10 && run.passed.back().bytes.find("Connection: close") != std::string::npos;
    if (!answered || ended) {
      client.keeps_alive = false;
      break;
    }
  }
  std::string fault = emission_of_responses(methods, runs, client);
  for (std::size_t i = 0; !fault.empty() && i < methods.size(); ++i) {
    fault += "\n  to " + methods[i] + ": " + escaped(stream.exchanges[i].answer);
  }
  return fault;
}

TEST(Smuggling, NoRequestIsAnotherOneToAnybodyElse) {
  Tally tally;
  const std::uint64_t count = streams_to_try();
  const auto found = discrepancies(count, [&](std::uint64_t seed) { return request_fault(seed, tally); });
  EXPECT_TRUE(found.empty()) << report(found);
  // The grammar is in balance: much is passed and much is refused.
  EXPECT_GT(tally.passed, count / 2);
  EXPECT_GT(tally.refused, count / 4);
  EXPECT_GT(tally.cut, count / 100);
}

TEST(Smuggling, NoResponseIsAnotherOneToAnybodyElse) {
  Tally tally;
  const std::uint64_t count = streams_to_try() / 5;
  const auto found = discrepancies(count, [&](std::uint64_t seed) { return response_fault(seed, tally); });
  EXPECT_TRUE(found.empty()) << report(found);
  EXPECT_GT(tally.passed, count / 2);
  EXPECT_GT(tally.refused, count / 8);
  EXPECT_GT(tally.cut, count / 100);
}

// Without the gateway between them the judges do not agree about these streams: the oracles see what they are for.
TEST(Smuggling, BytesPassedOnAsTheyCameAreADiscrepancy) {
  const auto found = discrepancies(2'000, [](std::uint64_t seed) {
    const std::string stream = request_stream(seed);
    const Asked asked{.conduct = conduct_of_the_gateway(), .stream = stream};
    Made run = pass_requests(stream, asked.conduct, 0);
    for (Passed& passed : run.passed) passed.bytes = stream.substr(passed.begin, passed.end - passed.begin);
    return emission_of_requests(asked, run);
  });
  EXPECT_GT(found.size(), 200U);
}

TEST(Smuggling, ASeedGivesTheSameStreamForEver) {
  EXPECT_EQ(request_stream(7), request_stream(7));
  EXPECT_NE(request_stream(7), request_stream(8));
  std::uint64_t sum = 0;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    for (const char c : request_stream(seed)) sum = sum * 31 + static_cast<unsigned char>(c);
  }
  EXPECT_EQ(sum, 17905854852691370878U);
}

}  // namespace
}  // namespace sallyport::support::smuggling
