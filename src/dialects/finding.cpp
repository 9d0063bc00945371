// SPDX-License-Identifier: Apache-2.0
#include "dialects/finding.hpp"

#include "base/text.hpp"

namespace sallyport::dialects {

std::string_view to_text(Verdict verdict) {
  switch (verdict) {
    case Verdict::accepted:
      return "accepted";
    case Verdict::warning:
      return "warning";
    case Verdict::ignored:
      return "ignored";
    case Verdict::rejected:
      return "rejected";
  }
  return "";
}

Finding shadowed(const model::Origin& loser, const model::Origin& winner, model::Decision by) {
  const bool is_own = winner.object == loser.object;
  return {
      .verdict = Verdict::rejected,
      .reason = "Shadowed",
      .message = text::cat("shadowed by ", is_own ? text::cat(winner.field, " of the same ", winner.object.kind)
                                                  : to_text(winner.object)),
      .origin = loser,
      .by = Winner{.origin = winner, .has = std::string(to_text(by))},
  };
}

std::string sentence(const Finding& finding) {
  if (!finding.by) return finding.message;
  const model::Origin& at = finding.by->origin;
  const std::string place = at.file.empty() ? std::string() : text::cat(" (", at.file, ":", at.line, ")");
  return text::cat(finding.message, place, ", which has ", finding.by->has);
}

bool says_the_same(const Finding& one, const Finding& other) {
  if (one.by.has_value() != other.by.has_value()) return false;
  const bool same_winner =
      !one.by || (one.by->has == other.by->has && one.by->origin.object == other.by->origin.object &&
                  one.by->origin.field == other.by->origin.field);
  return same_winner && one.verdict == other.verdict && one.reason == other.reason && one.message == other.message &&
         one.origin.field == other.origin.field;
}

}  // namespace sallyport::dialects
