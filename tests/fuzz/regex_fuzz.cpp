// SPDX-License-Identifier: Apache-2.0
// Regular expressions: the first line is one, the others are texts. What is told of an expression by its text alone
// must hold of every text that fits.

#include "syntax/regex.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "dialects/gate_route/literals.hpp"
#include "require.hpp"
#include "syntax/path.hpp"
#include "syntax/token.hpp"
#include "text_parts.hpp"

namespace {

using namespace sallyport;
using fuzz::require;

void check_path(const syntax::Regex& regex, std::string_view pattern, std::string_view text, bool ignore_case) {
  const syntax::PathOptions options;
  std::vector<char> room(text.size() * 3);
  const auto path = syntax::canonical_path(text, options, room);
  if (!path || !regex.fits(*path)) return;
  const model::PathMatch match{
      .kind = model::PathMatch::Kind::regex, .value = std::string(pattern), .ignore_case = ignore_case};
  require(!dialects::gate_route::fits_no_path(match, options));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto lines = fuzz::lines_of(fuzz::whole_text(data, size));
  const std::string_view pattern = lines.front();
  const auto regex = syntax::Regex::compile(pattern);
  const auto any_case = syntax::Regex::compile(pattern, true);
  if (!regex) {
    require(regex.error().code == Code::invalid && !regex.error().detail.empty());
    return 0;
  }
  require(pattern.size() <= syntax::max_regex_length);
  const std::string& prefix = regex->literal_prefix();
  require(regex->begins_path() == (prefix.size() > 1));
  const std::string beginning = dialects::gate_route::literal_beginning(pattern);
  for (const std::string_view text : std::vector(lines.begin() + 1, lines.end())) {
    const bool fits = regex->fits(text);
    require(fits == regex->fits(text));
    if (fits) {
      require(text.starts_with(prefix));
      require(text.size() >= beginning.size() &&
              syntax::equals_ignore_case(text.substr(0, beginning.size()), beginning));
    }
    check_path(*regex, pattern, text, false);
    if (!any_case) continue;
    require(any_case->literal_prefix().empty());
    // An expression may say (?-i) or [^a], so one does not include the other.
    check_path(*any_case, pattern, text, true);
  }
  return 0;
}
