// SPDX-License-Identifier: Apache-2.0
#include "dialects/finding.hpp"

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

}  // namespace sallyport::dialects
