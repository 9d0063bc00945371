// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "support/lenient_judge.hpp"
#include "support/smuggling_oracles.hpp"

namespace sallyport::support::smuggling {
namespace {

// What we refuse an upstream although RFC 9112 allows it, or allows to repair it (H1-18 and what it is the sum of).
bool is_stricter(const Made& run) {
  static constexpr std::string_view details[] = {
      "a transfer coding other than chunked",
      "Transfer-Encoding is not exactly \"chunked\"",
      "more than one Transfer-Encoding",
      "Content-Length is not 1 to 19 digits, or too large",
      "a chunk extension is malformed",
      "a chunk size has more than 16 digits",
      "a chunk size is followed by something else than ';' or CRLF",
      "a switch that nobody asked for",
      // Sizes and counts.
      "too many interim responses",
      "the head is too long",
      "the status line is too long",
      "too many fields",
      "Connection names too many fields",
      "the head needs too much memory",
      "a chunk extension is too long",
      "too much chunk framing for the data",
      "the trailers are too long",
      "the trailers need too much memory",
  };
  return std::ranges::find(details, run.detail) != std::end(details);
}

const strict::Message* final_of(const strict::Reading& reading) {
  return reading.messages.empty() || reading.messages.back().status < 200 ? nullptr : &reading.messages.back();
}

}  // namespace

std::string agreement_on_response(std::string_view stream, const std::string& method, const Made& run) {
  strict::Reading reading = strict::read_responses(stream, {method}, /*ended=*/true, strict::As::received);
  const strict::Message* theirs = final_of(reading);
  const bool ours = !run.passed.empty() && run.passed.back().status >= 200;
  if (!ours) {
    if (run.stop == Stop::whole || run.stop == Stop::closed) return "no final response, and no reason";
    if (run.stop == Stop::refused && run.rule.empty()) return "refused without a rule: " + run.detail;
    const bool allowed = theirs == nullptr || (run.stop == Stop::refused && is_stricter(run));
    return allowed ? "" : "refused, and no rule is stricter than the RFC here: " + run.detail;
  }
  if (theirs == nullptr) return "we read a final response that is none: " + reading.why;
  const Passed& last = run.passed.back();
  if (reading.messages.size() != run.passed.size()) return "another number of interim responses";
  if (last.status != theirs->status || last.body != theirs->body) return "another status or body";
  if (last.end != theirs->end) return "it ends elsewhere";
  if (!trailers_came(last, *theirs)) return "other trailers";
  const bool reusable = theirs->persists && theirs->end == stream.size();
  return reusable == (run.stop == Stop::whole) ? "" : "another opinion on whether the connection can be used again";
}

std::string emission_of_responses(std::span<const std::string> methods, std::span<const Made> runs,
                                  const Client& client) {
  std::string all;
  std::vector<std::string> asked;
  std::vector<const Passed*> sent;
  const Made* unfinished = nullptr;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    bool answered = false;
    for (const Passed& one : runs[i].passed) {
      all += one.bytes;
      if (!one.bytes.empty()) sent.push_back(&one);
      answered = one.status >= 200;
    }
    all += runs[i].unfinished;
    if (answered || runs[i].begun) asked.push_back(methods[i]);
    if (!answered) unfinished = &runs[i];
  }
  const bool cut = unfinished != nullptr && unfinished->begun;
  if (cut && client.http10) return {};           // only the reset tells it (RFC 9112 8)
  if (unfinished != nullptr && !cut) return {};  // an answer of our own comes in its place

  const strict::Reading reading = strict::read_responses(all, asked, /*ended=*/!client.keeps_alive, strict::As::sent);
  if (reading.end == strict::End::refused) return "what goes on is none: " + reading.why;
  if ((reading.end == strict::End::cut) != cut) return "what goes on is whole to one and cut to the other";
  if (reading.messages.size() != sent.size()) return "another number of responses goes on";
  for (std::size_t i = 0; i < sent.size(); ++i) {
    const strict::Message& message = reading.messages[i];
    if (message.status != sent[i]->status || message.body != sent[i]->body) return "another status or body goes on";
    // An HTTP/1.0 client has no chunks, hence no trailers.
    if (!client.http10 && !trailers_went(*sent[i], message)) return "other trailers go on";
    if (message.chunked && !message.plain_coding) return "another coding goes on";
    if (!message.http11) return "not HTTP/1.1 goes on";
  }
  for (const Habits& habits : judges()) {
    const Verdict verdict = judge_responses(all, asked, habits);
    if (verdict.whole == cut) return "cut to one and whole to a judge: " + std::string(habits.name);
    if (verdict.messages.size() != sent.size()) return "another number to a judge: " + std::string(habits.name);
    for (std::size_t i = 0; i < sent.size(); ++i) {
      const bool same =
          verdict.messages[i].method == std::to_string(sent[i]->status) && verdict.messages[i].body == sent[i]->body;
      if (!same) return "another response to a judge: " + std::string(habits.name);
    }
  }
  return {};
}

}  // namespace sallyport::support::smuggling
