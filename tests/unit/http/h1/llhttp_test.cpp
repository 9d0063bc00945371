// SPDX-License-Identifier: Apache-2.0
// The 251 examples of llhttp (Node's parser, version 9.4.2, its tests/request and tests/response): the same verdict as
// it gives in its strict mode, or one that is written down with its reason, here and in docs/http1-verdicts.md. 166 are
// of requests and 85 of responses. Those that llhttp reads with a leniency switched on are judged as it does without.

#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <string_view>

#include "base/text.hpp"
#include "unit/http/h1/llhttp_examples.hpp"
#include "unit/http/h1/llhttp_reading.hpp"

namespace sallyport::http::h1 {
namespace {

constexpr const char* requests = "tests/unit/http/h1/llhttp_requests.txt";
constexpr const char* responses = "tests/unit/http/h1/llhttp_responses.txt";

std::string verdict_on(const Example& example, std::string_view bytes) {
  if (example.kind == Example::Kind::request) return read_stream(RequestReading(), bytes);
  const bool to_head = example.kind == Example::Kind::response_to_head;
  return read_stream(ResponseReading{.request_method = to_head ? Method::head : Method::get}, bytes);
}

// llhttp does not name our rules.
std::string without_rule(const std::string& verdict) {
  const std::size_t at = verdict.rfind("refused H1-");
  return at == verdict.npos ? verdict : verdict.substr(0, at + std::string_view("refused").size());
}

void expect_the_verdicts_of(const char* file) {
  for (const Example& example : read_examples(file)) {
    SCOPED_TRACE(example.name);
    const std::string verdict = verdict_on(example, example.bytes);
    if (example.ours.empty()) {
      EXPECT_EQ(without_rule(verdict), example.theirs);
    } else {
      EXPECT_EQ(verdict, example.ours);
      EXPECT_NE(without_rule(example.ours), example.theirs) << "the verdict is the same: no reason is needed";
    }
    EXPECT_EQ(example.ours.empty(), example.reason.empty());
    EXPECT_FALSE(example.theirs.empty());
  }
}

TEST(Llhttp, RequestsHaveItsVerdictOrAReason) { expect_the_verdicts_of(requests); }

TEST(Llhttp, ResponsesHaveItsVerdictOrAReason) { expect_the_verdicts_of(responses); }

// Most of its requests have no Host. As they are not one of them is accepted (H1-9, RFC 9112 3.2).
TEST(Llhttp, RequestsWithoutHostAreRefused) {
  std::size_t for_that_alone = 0;
  for (const Example& example : read_examples(requests)) {
    if (example.original == example.bytes) continue;
    const std::string verdict = verdict_on(example, example.original);
    EXPECT_TRUE(verdict == "more" || verdict.starts_with("refused ")) << example.name << ": " << verdict;
    if (verdict == "refused H1-9") ++for_that_alone;
  }
  EXPECT_EQ(for_that_alone, 60U);
}

TEST(Llhttp, All251AreThere) {
  std::set<std::string> names;
  for (const char* file : {requests, responses}) {
    for (const Example& example : read_examples(file)) names.insert(example.name);
  }
  EXPECT_EQ(read_examples(requests).size(), 166U);
  EXPECT_EQ(read_examples(responses).size(), 85U);
  EXPECT_EQ(names.size(), 251U);
}

// A cut at any byte changes nothing. Each gets an end, so that a verdict on its first head is due.
TEST(Llhttp, HowTheyAreCutDoesNotMatter) {
  for (const Example& example : read_examples(requests)) {
    SCOPED_TRACE(example.name);
    EXPECT_EQ(cut_that_matters(RequestReading(), example.bytes + "\r\n\r\n"), std::nullopt);
  }
  for (const Example& example : read_examples(responses)) {
    SCOPED_TRACE(example.name);
    EXPECT_EQ(cut_that_matters(ResponseReading(), example.bytes + "\r\n\r\n"), std::nullopt);
  }
}

TEST(Llhttp, EveryReasonStandsInTheDocument) {
  std::ifstream file("docs/http1-verdicts.md");
  std::stringstream page;
  page << file.rdbuf();
  std::set<std::string> reasons;
  for (const char* examples : {requests, responses}) {
    for (const Example& example : read_examples(examples)) reasons.insert(example.reason);
  }
  reasons.erase("");
  EXPECT_FALSE(reasons.empty());
  for (const std::string& reason : reasons) EXPECT_NE(page.str().find(reason), std::string::npos) << reason;
}

}  // namespace
}  // namespace sallyport::http::h1
