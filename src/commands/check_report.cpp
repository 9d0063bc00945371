// SPDX-License-Identifier: Apache-2.0
#include "commands/check_report.hpp"

#include <algorithm>
#include <string_view>

#include "base/printable.hpp"
#include "base/text.hpp"
#include "commands/place.hpp"
#include "commands/status_text.hpp"
#include "control/control.hpp"

namespace sallyport::commands {
namespace {

using control::ObjectStatus;
using dialects::Finding;
using dialects::Verdict;

Totals totals_of(const CheckReport& report) {
  Totals totals;
  for (const control::StatusPtr& object : report.objects) totals.add(*object);
  for (const sources::Problem& problem : report.problems) totals.add(problem);
  return totals;
}

void append_line(std::string& out, std::string_view line) { out += text::printable(line) + "\n"; }

void append_text(std::string& out, const ObjectStatus& object) {
  const Finding* first = control::leading(object);
  std::string line = text::cat(dialects::to_text(object.verdict), " ", sallyport::to_text(object.origin.object),
                               spaced_place(first == nullptr ? object.origin : first->origin));
  if (first != nullptr) line += text::cat(": ", first->reason, ": ", dialects::sentence(*first));
  append_line(out, line);
  for (const Finding& finding : object.findings) {
    if (&finding == first) continue;
    append_line(out, text::cat("  ", dialects::to_text(finding.verdict), spaced_place(finding.origin), ": ",
                               finding.reason, ": ", dialects::sentence(finding)));
  }
}

// Each costs every request that gets as far as its rank a comparison, whatever the number of rules.
void append_outside_index(std::string& out, const std::vector<model::Origin>& rules) {
  if (rules.empty()) return;
  out += text::cat(rules.size(), rules.size() == 1 ? " rule" : " rules",
                   " outside the index: each is compared with every request that reaches it\n");
  for (const model::Origin& origin : rules) {
    append_line(out, text::cat("  ", object_and_place(origin)));
  }
}

}  // namespace

bool CheckReport::has_rejections() const {
  return std::ranges::any_of(objects,
                             [](const control::StatusPtr& one) { return one->verdict == Verdict::rejected; }) ||
         std::ranges::any_of(problems, is_failure);
}

std::string to_text(const CheckReport& report) {
  std::string out;
  for (const control::StatusPtr& object : report.objects) append_text(out, *object);
  for (const sources::Problem& problem : report.problems) append_line(out, control::to_line(problem));
  const Totals totals = totals_of(report);
  out += text::cat(totals.accepted, " accepted, ", totals.ignored, " ignored, ", totals.rejected, " rejected; ",
                   totals.warnings, totals.warnings == 1 ? " warning, " : " warnings, ", totals.problems,
                   totals.problems == 1 ? " broken file or document\n" : " broken files or documents\n");
  append_outside_index(out, report.outside_index);
  for (const Expiring& one : report.expiring) append_line(out, to_text(one));
  return out;
}

std::string to_json(const CheckReport& report) {
  StatusText text({.version = {},
                   .objects = report.objects,
                   .problems = report.problems,
                   .unbound = {},
                   .outside_index = report.outside_index,
                   .expiring = report.expiring},
                  {});
  return whole_text(text);
}

}  // namespace sallyport::commands
