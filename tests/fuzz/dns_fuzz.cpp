// SPDX-License-Identifier: Apache-2.0
// What a DNS server answers, as a name is resolved by it: asking ends, and what comes of it is in order, each address
// once, and within its bounds.
//
// The first byte says how: 1, the answer comes by TCP; 2, it repeats no question. Then the head without its id, and
// what stands behind the question.

#include <algorithm>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "net/resolver.hpp"
#include "require.hpp"
#include "support/dns_server.hpp"
#include "text_parts.hpp"

namespace sallyport::net {
namespace {

using fuzz::require;
using support::DnsQuestion;

constexpr std::size_t head_size = 10;  // without the id
constexpr std::size_t most_addresses = 16;

struct Script {
  bool by_tcp;
  bool repeats;
  std::string head;
  std::string rest;
};

std::vector<std::string> answer(const Script& script, const DnsQuestion& question) {
  if (script.by_tcp && !question.by_tcp) return {support::dns_answer(question, {}, {.truncated = true})};
  std::string message = {static_cast<char>(question.id >> 8U), static_cast<char>(question.id & 0xffU)};
  message += script.head;
  if (script.repeats) message += question.wire;
  return {message + script.rest};
}

Task<void> ask(Resolver& resolver, Loop& loop, const ResolverSettings& settings) {
  const Result<Resolved> resolved = co_await resolver.resolve("a.example.com", loop.now() + std::chrono::seconds(1));
  if (resolved) {
    require(!resolved->addresses.empty() && resolved->addresses.size() <= most_addresses);
    require(std::ranges::adjacent_find(resolved->addresses, std::greater_equal()) == resolved->addresses.end());
    require(resolved->ttl >= settings.least_ttl && resolved->ttl <= settings.most_ttl);
  } else {
    require(resolved.error().code == Code::name_not_found || resolved.error().code == Code::name_unresolved);
  }
  loop.stop();
}

}  // namespace
}  // namespace sallyport::net

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sallyport::net;
  const std::string_view text = sallyport::fuzz::whole_text(data, size);
  if (text.size() < 1 + head_size || text.size() > 60'000) return 0;
  const Script script{.by_tcp = (text[0] & 1) != 0,
                      .repeats = (text[0] & 2) == 0,
                      .head = std::string(text.substr(1, head_size)),
                      .rest = std::string(text.substr(1 + head_size))};
  Loop loop;
  sallyport::support::DnsServer server(
      loop, [&](const sallyport::support::DnsQuestion& question) { return answer(script, question); });
  const ResolverSettings settings{.servers = {server.address()},
                                  .first_wait = Duration(5),
                                  .rounds = 1,
                                  .other_wait = Duration(5),
                                  .most_addresses = most_addresses};
  Resolver resolver(loop, settings);
  Task<void> asking = ask(resolver, loop, settings);
  asking.start();
  if (!asking.done()) loop.run();
  return 0;
}
