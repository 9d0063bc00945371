// SPDX-License-Identifier: Apache-2.0
// What is shown of values that may be secrets: the value of a field that names one is in no text that is shown. Two
// lines: the field's name and its value.

#include "commands/redacted.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "require.hpp"
#include "syntax/token.hpp"
#include "text_parts.hpp"

namespace {

using namespace sallyport;
using fuzz::require;

model::Predicate predicate(const std::string& name, const std::string& value, bool of_query) {
  model::TextMatch match{.kind = model::TextMatch::Kind::exact, .value = value};
  if (of_query) return {model::QueryIs{.name = name, .value = std::move(match)}};
  return {model::HeaderIs{.name = name, .value = std::move(match)}};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto lines = fuzz::lines_of(fuzz::whole_text(data, size));
  const std::string name(lines.front());
  const std::string value(lines.back());
  const bool secret = commands::names_a_secret(name);
  require(secret == commands::names_a_secret(syntax::lower(name)));
  require(!secret || commands::names_a_secret("x-" + name + "-y") || name.find("ookie") != name.npos ||
          syntax::lower(name).ends_with("authorization") || syntax::lower(name).ends_with("cookie"));

  const std::string print = commands::fingerprint(value);
  require(print.size() == 15 && print.starts_with("sha256:"));
  require(print.find_first_not_of("0123456789abcdef", 7) == print.npos);
  require(commands::shown_value(name, value) == (secret ? print : value));

  // A value that cannot be in the text by chance.
  const std::string marked = "((" + value + "))";
  for (const bool of_query : {false, true}) {
    const model::Predicate one = predicate(name, marked, of_query);
    model::Predicate within{model::Not{.of = {model::Predicate{model::AnyOf{.of = {one, one}}}}}};
    model::Rule rule;
    rule.predicates = {within};
    rule.id = "shop/web (" + model::to_text(within) + ")";
    const std::string open = model::to_text(model::Predicate{
        model::HeaderIs{.name = "x", .value = {.kind = model::TextMatch::Kind::exact, .value = marked}}});
    const std::string quoted = open.substr(open.find("= ") + 2);
    const bool named_so = name.find(quoted) != name.npos;
    for (const std::string& text : {commands::shown(within), commands::shown_id(rule)}) {
      require((text.find(quoted) == text.npos) == secret || named_so);
    }
  }
  return 0;
}
