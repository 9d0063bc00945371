// SPDX-License-Identifier: Apache-2.0
#include "proxy/explain_field.hpp"

#include <algorithm>
#include <string_view>

#include "base/text.hpp"
#include "http/gateway_answer.hpp"

namespace sallyport::proxy {
namespace {

constexpr std::size_t longest_text = 512;
constexpr std::size_t most_beaten = 3;

// Quoted as RFC 9651 3.3.3 wants it; what is no printable ASCII is shown as %xx, and so is '%'.
void append_text(std::string& out, std::string_view key, std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  out += text::cat(out.empty() ? "" : ", ", key, "=\"");
  for (const char c : text.substr(0, longest_text)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte > 0x7e || byte == '%') {
      out += '%';
      out += digits[byte >> 4U];
      out += digits[byte & 0xfU];
      continue;
    }
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  if (text.size() > longest_text) out += "...";
  out += '"';
}

void append_number(std::string& out, std::string_view key, std::uint64_t number) {
  out += text::cat(out.empty() ? "" : ", ", key, "=", number);
}

std::string place(const model::Origin& origin, bool with_field) {
  std::string all = origin.file.empty() ? to_text(origin.object) : text::cat(origin.file, ":", origin.line);
  if (with_field && !origin.field.empty()) all += text::cat(":", origin.field);
  return all;
}

// Without its predicates, whose values may be secrets.
std::string label(const model::Rule& rule) {
  return text::cat(to_text(rule.origin.object), " ", model::to_text(rule.host), " ", model::to_text(rule.path));
}

void append_destination(std::string& out, const routing::Explanation& explanation, const Taken& taken) {
  if (taken.backend.empty()) return;
  append_text(out, "backend", taken.backend);
  using Destination = routing::Explanation::Destination;
  const auto chosen = std::ranges::find(explanation.destinations, true, &Destination::is_chosen);
  if (!taken.rerouted && chosen != explanation.destinations.end()) {
    if (chosen->weight != explanation.weights) {
      append_text(out, "share", text::cat(chosen->weight, "/", explanation.weights));
    }
    if (!chosen->chain.empty()) append_text(out, "backend-chain", text::join(chosen->chain, " "));
  }
  if (taken.endpoint) append_text(out, "endpoint", taken.endpoint->text());
}

void append_rule(std::string& out, const routing::Explanation& explanation, const Taken& taken) {
  if (taken.rule == nullptr) return;
  append_text(out, "rule", label(*taken.rule));
  append_text(out, "at", place(taken.rule->origin, true));
  append_text(out, "prefix", taken.prefix);
  if (taken.rerouted) out += ", rerouted";
  if (!taken.rerouted && !explanation.chain.empty()) append_text(out, "chain", text::join(explanation.chain, " "));
  append_destination(out, explanation, taken);
}

// The nearest ones: those that would have served it had the rule not been there.
void append_losers(std::string& out, const routing::Explanation& explanation) {
  std::size_t told = 0;
  for (const auto& loser : explanation.losers) {
    if (told == most_beaten) break;
    if (loser.verdict != routing::Verdict::fits || explanation.rule == nullptr) continue;
    append_text(
        out, told == 0 ? "beat" : text::cat("beat", told + 1),
        text::cat(label(*loser.rule), " (", place(loser.rule->origin, false), "): ", model::to_text(loser.beaten_by)));
    ++told;
  }
  const std::size_t more = explanation.losers.size() - told + explanation.more_losers;
  if (more != 0) append_number(out, "more", more);
}

}  // namespace

std::string explain_field(const routing::Explanation& explanation, const Taken& taken) {
  std::string out;
  append_text(out, "listener", explanation.listener->id);
  append_number(out, "version", explanation.version);
  if (!taken.rerouted && explanation.code) append_text(out, "answer", http::answer_for(*explanation.code).word);
  append_rule(out, explanation, taken);
  if (!taken.rerouted) append_losers(out, explanation);
  return out;
}

}  // namespace sallyport::proxy
