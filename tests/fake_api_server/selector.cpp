// SPDX-License-Identifier: Apache-2.0
#include "fake_api_server/selector.hpp"

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "syntax/token.hpp"

namespace sallyport::fake_api {
namespace {

using syntax::trim_ows;

// By commas that stand in no parentheses.
std::vector<std::string_view> requirements_in(std::string_view text) {
  std::vector<std::string_view> parts;
  std::size_t begin = 0;
  int depth = 0;
  for (std::size_t at = 0; at <= text.size(); ++at) {
    if (at == text.size() || (text[at] == ',' && depth == 0)) {
      parts.push_back(trim_ows(text.substr(begin, at - begin)));
      begin = at + 1;
    } else {
      depth += text[at] == '(' ? 1 : text[at] == ')' ? -1 : 0;
    }
  }
  return parts;
}

std::vector<std::string> values_in(std::string_view list) {
  std::vector<std::string> values;
  for (const std::string_view one : text::split(list, ',')) values.emplace_back(trim_ows(one));
  return values;
}

}  // namespace

Result<LabelSelector::Requirement> LabelSelector::requirement(std::string_view text) {
  const auto made = [](std::string_view key, Operator op, std::vector<std::string> values) -> Result<Requirement> {
    key = trim_ows(key);
    if (key.empty() || key.find_first_of(" ()!=") != key.npos) return fail(invalid("a label's key is expected"));
    return Requirement{.key = std::string(key), .op = op, .values = std::move(values)};
  };
  if (const auto open = text.find('('); open != text.npos) {
    if (!text.ends_with(')')) return fail(invalid("')' is missing"));
    const std::string_view head = trim_ows(text.substr(0, open));
    const auto values = values_in(text.substr(open + 1, text.size() - open - 2));
    if (head.ends_with(" notin")) return made(head.substr(0, head.size() - 6), Operator::not_in, values);
    if (head.ends_with(" in")) return made(head.substr(0, head.size() - 3), Operator::in, values);
    return fail(invalid("'in' or 'notin' is expected before '('"));
  }
  if (const auto at = text.find("!="); at != text.npos) {
    return made(text.substr(0, at), Operator::not_in, {std::string(trim_ows(text.substr(at + 2)))});
  }
  if (const auto at = text.find('='); at != text.npos) {
    std::string_view value = text.substr(at + 1);
    if (value.starts_with('=')) value.remove_prefix(1);
    return made(text.substr(0, at), Operator::in, {std::string(trim_ows(value))});
  }
  if (text.starts_with('!')) return made(text.substr(1), Operator::is_missing, {});
  return made(text, Operator::exists, {});
}

Result<LabelSelector> LabelSelector::parse(std::string_view text) {
  LabelSelector selector;
  if (trim_ows(text).empty()) return selector;
  for (const std::string_view part : requirements_in(text)) {
    auto one = requirement(part);
    if (!one) return fail(invalid(text::cat("unable to parse requirement: ", part, ": ", one.error().detail)));
    selector.requirements_.push_back(std::move(*one));
  }
  return selector;
}

// What has no such label fits "a!=b" and "a notin (b)".
bool LabelSelector::fits(const Labels& labels) const {
  return std::ranges::all_of(requirements_, [&labels](const Requirement& one) {
    const auto label = labels.find(one.key);
    const bool is_there = label != labels.end();
    if (one.op == Operator::exists) return is_there;
    if (one.op == Operator::is_missing) return !is_there;
    const bool is_listed = is_there && std::ranges::find(one.values, label->second) != one.values.end();
    return is_listed == (one.op == Operator::in);
  });
}

Result<void> Scope::take_fields(std::string_view selector) {
  if (selector.empty()) return {};
  for (const std::string_view part : text::split(selector, ',')) {
    const auto equals = part.find('=');
    const std::string_view field = part.substr(0, equals);
    std::string_view value = equals == part.npos ? std::string_view() : part.substr(equals + 1);
    if (value.starts_with('=')) value.remove_prefix(1);
    if (field == "metadata.name") {
      name = value;
    } else if (field == "metadata.namespace") {
      namespace_ = value;
    } else {
      return fail(invalid(text::cat("field label not supported: ", field)));
    }
  }
  return {};
}

}  // namespace sallyport::fake_api
