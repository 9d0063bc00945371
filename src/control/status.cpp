// SPDX-License-Identifier: Apache-2.0
#include "control/status.hpp"

#include <algorithm>
#include <functional>
#include <iterator>
#include <string_view>
#include <tuple>
#include <variant>

#include "base/text.hpp"
#include "dialects/findings.hpp"

namespace sallyport::control {
namespace {

using dialects::Finding;
using dialects::Verdict;

constexpr std::string_view last_good_reason = "LastGood";
constexpr std::string_view last_good_words = "the last version without such a fault";

Finding last_good_finding(const ObjectStore::Entry& entry) {
  const auto& generation = entry.good->meta.generation;
  const std::string which = generation ? text::cat(" (generation ", *generation, ")") : std::string();
  return {
      .verdict = Verdict::warning,
      .reason = std::string(last_good_reason),
      .message = text::cat(last_good_words, which, " stays in force"),
      .origin = dialects::origin_of(*entry.newest),
  };
}

Finding unread_finding(const kube::Object& object) {
  return {
      .verdict = Verdict::ignored,
      .reason = "NotUsed",
      .message = text::cat("nothing in this version reads objects of kind ", object.ref.kind),
      .origin = dialects::origin_of(object),
  };
}

bool is_ours(const Translated& translated) { return std::ranges::any_of(translated.dialects, &Translated::By::ours); }

// Every dialect of its kind says that it is somebody else's.
bool is_foreign(const Translated& translated) { return !translated.dialects.empty() && !is_ours(translated); }

std::vector<Finding> all_findings(const ObjectStore::Entry& entry, const Translated& translated) {
  std::vector<Finding> all;
  if (!is_foreign(translated)) {
    all = entry.faults;
    if (!entry.faults.empty() && entry.good) all.push_back(last_good_finding(entry));
    if (entry.faults.empty() && translated.dialects.empty()) all.push_back(unread_finding(*entry.newest));
  }
  const bool ours = is_ours(translated);
  for (const Translated::By& dialect : translated.dialects) {
    // Where one dialect serves the object, it does not matter whose it is not.
    if (ours && !dialect.ours) continue;
    std::ranges::copy(dialect.findings, std::back_inserter(all));
  }
  std::ranges::copy(translated.lost, std::back_inserter(all));
  std::ranges::sort(all, std::less(), [](const Finding& finding) {
    return std::tuple(-static_cast<int>(finding.verdict), finding.origin.line, std::string_view(finding.origin.field),
                      std::string_view(finding.reason), std::string_view(finding.message));
  });
  return all;
}

Verdict verdict_of(const std::vector<Finding>& findings, bool ignored) {
  if (ignored) return Verdict::ignored;
  const bool rejected = std::ranges::find(findings, Verdict::rejected, &Finding::verdict) != findings.end();
  return rejected ? Verdict::rejected : Verdict::accepted;
}

std::vector<const Finding*> by_words(const std::vector<Finding>& findings) {
  std::vector<const Finding*> all;
  all.reserve(findings.size());
  for (const Finding& finding : findings) all.push_back(&finding);
  std::ranges::sort(all, std::less(), [](const Finding* finding) {
    return std::tuple(finding->verdict, std::string_view(finding->origin.field), std::string_view(finding->reason),
                      std::string_view(finding->message));
  });
  return all;
}

bool all_say_the_same(const std::vector<Finding>& some, const std::vector<Finding>& others) {
  return std::ranges::equal(by_words(some), by_words(others), [](const Finding* one, const Finding* other) {
    return dialects::says_the_same(*one, *other);
  });
}

bool leading_say_the_same(const ObjectStatus& one, const ObjectStatus& other) {
  if (one.findings.size() != other.findings.size()) return false;
  return one.findings.empty() || dialects::says_the_same(*leading(one), *leading(other));
}

void count(Totals& totals, const ObjectStatus& status, bool more) {
  const auto move = [more](std::uint64_t& total, std::uint64_t by) { total = more ? total + by : total - by; };
  if (status.verdict == Verdict::rejected) {
    move(totals.rejected, 1);
  } else {
    move(status.verdict == Verdict::ignored ? totals.ignored : totals.accepted, 1);
  }
  if (status.last_good) move(totals.last_good, 1);
  move(totals.rules, status.rules);
}

bool wants_addresses(const Translated& translated) {
  return std::ranges::any_of(translated.dialects, &Translated::By::wants_addresses);
}

// An object of which nothing is served is reached nowhere.
sources::StatusFields fields_of(const Translated& translated,
                                const std::optional<std::vector<std::string>>& addresses) {
  if (!wants_addresses(translated)) return sources::Withdrawn();
  if (!addresses) return std::monostate();
  return translated.won != 0 ? sources::LoadBalancer{*addresses} : sources::LoadBalancer();
}

}  // namespace

ObjectStatus compose(const ObjectStore::Entry& entry, const Translated& translated,
                     const std::optional<std::vector<std::string>>& addresses) {
  ObjectStatus status;
  status.origin = dialects::origin_of(*entry.newest);
  status.generation = entry.newest->meta.generation;
  if (entry.good) status.good_generation = entry.good->meta.generation;
  status.last_good = entry.good && entry.good != entry.newest && !is_foreign(translated);
  status.findings = all_findings(entry, translated);
  status.verdict =
      verdict_of(status.findings, is_foreign(translated) || (entry.faults.empty() && !is_ours(translated)));
  status.rules = translated.won;
  status.fields = fields_of(translated, addresses);
  return status;
}

const Finding* leading(const ObjectStatus& status) {
  if (status.findings.empty()) return nullptr;
  // An object that is not ours may have faults, but they are not the point.
  const auto same = std::ranges::find(status.findings, status.verdict, &Finding::verdict);
  return same != status.findings.end() ? &*same : &status.findings.front();
}

sources::Verdict verdict_of(const ObjectStatus& status) {
  using Kind = sources::Verdict::Kind;
  sources::Verdict verdict;
  verdict.kind = status.verdict == Verdict::rejected  ? Kind::rejected
                 : status.verdict == Verdict::ignored ? Kind::ignored
                                                      : Kind::accepted;
  verdict.ref = status.origin.object;
  const Finding* finding = leading(status);
  const model::Origin& origin = finding == nullptr ? status.origin : finding->origin;
  verdict.file = origin.file;
  verdict.line = origin.line;
  verdict.field = origin.field;
  if (finding == nullptr) return verdict;
  verdict.reason = finding->reason;
  verdict.message = dialects::sentence(*finding);
  std::size_t unsaid = status.findings.size() - 1;
  // What becomes of the requests meanwhile is said beside the fault; without the generation, for a fault that comes
  // back is the same Event.
  const auto kept = std::ranges::find(status.findings, last_good_reason, &Finding::reason);
  if (kept != status.findings.end() && &*kept != finding) {
    verdict.message += text::cat("; ", last_good_words, " stays in force");
    --unsaid;
  }
  if (unsaid != 0) verdict.message += text::cat(" (and ", unsaid, " more)");
  return verdict;
}

bool says_the_same(const ObjectStatus& one, const ObjectStatus& other) {
  if (one.verdict != other.verdict) return false;
  return leading_say_the_same(one, other) || all_say_the_same(one.findings, other.findings);
}

void Totals::add(const ObjectStatus& status) { count(*this, status, true); }
void Totals::take_away(const ObjectStatus& status) { count(*this, status, false); }

std::string to_line(const sources::Verdict& verdict) {
  using Kind = sources::Verdict::Kind;
  const std::string_view word = verdict.kind == Kind::accepted  ? "accepted "
                                : verdict.kind == Kind::ignored ? "ignored "
                                                                : "rejected ";
  std::string line = text::cat(word, to_text(verdict.ref));
  if (verdict.file.empty() && !verdict.field.empty()) line += text::cat(" (", verdict.field, ")");
  if (!verdict.file.empty()) {
    line += text::cat(" (", verdict.file, ":", verdict.line, verdict.field.empty() ? "" : ":", verdict.field, ")");
  }
  if (!verdict.reason.empty()) line += text::cat(": ", verdict.reason, ": ", verdict.message);
  return line;
}

}  // namespace sallyport::control
