// SPDX-License-Identifier: Apache-2.0
// Faults that a test asks for: which requests, how often, and what becomes of them instead of, or before, an answer.

#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "fake_api_server/json.hpp"
#include "net/timer_wheel.hpp"
#include "support/gate.hpp"

namespace sallyport::fake_api {

// '*' stands for any text, also an empty one.
bool fits_pattern(std::string_view pattern, std::string_view text);

// How something ends that does not go its usual way.
enum class Ending : std::uint8_t {
  end,    // as if that were all
  reset,  // the stream, or the connection of HTTP/1, is reset
  hang,   // nothing more comes
};

std::optional<Ending> ending_named(std::string_view name);

struct Rule {
  std::uint64_t id = 0;
  std::string pattern;                         // of "VERB PATH?QUERY"
  std::optional<std::uint64_t> left;           // times that it still applies; without: always
  net::Duration delay{0};                      // first of all
  bool holds = false;                          // then until the rule is removed
  std::optional<unsigned> code;                // a refusal with that code
  std::optional<std::uint64_t> retry_after{};  // seconds
  std::optional<std::string> body;             // in place of what would be answered
  unsigned status = 200;                       // of that
  std::optional<std::uint64_t> bytes;          // of the answer's body, and then:
  Ending ending = Ending::end;                 // also behind `body`
  support::Gate removed;

  // The error names the member.
  static Result<std::shared_ptr<Rule>> read(const Json& json);
};

using RulePtr = std::shared_ptr<Rule>;

class Rules {
 public:
  std::uint64_t add(RulePtr rule);
  // False: there is none of that id. Who is held by it goes on.
  bool remove(std::uint64_t id);
  void clear();
  // The oldest that fits, which has been used then; null if none does.
  RulePtr use(std::string_view request);

 private:
  std::deque<RulePtr> rules_;
  std::uint64_t last_ = 0;
};

}  // namespace sallyport::fake_api
