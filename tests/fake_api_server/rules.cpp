// SPDX-License-Identifier: Apache-2.0
#include "fake_api_server/rules.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.hpp"

namespace sallyport::fake_api {
namespace {

constexpr std::array known{"on",    "count", "delayMilliseconds", "hold", "code", "retryAfter", "body", "status",
                           "bytes", "then"};

}  // namespace

bool fits_pattern(std::string_view pattern, std::string_view text) {
  const auto star = pattern.find('*');
  if (star == pattern.npos) return pattern == text;
  if (!text.starts_with(pattern.substr(0, star))) return false;
  text.remove_prefix(star);
  pattern.remove_prefix(star + 1);
  if (pattern.find('*') == pattern.npos) return text.ends_with(pattern);
  const std::string_view middle = pattern.substr(0, pattern.find('*'));
  const auto at = text.find(middle);  // the first place leaves most for what follows
  if (at == text.npos) return false;
  return fits_pattern(pattern.substr(middle.size()), text.substr(at + middle.size()));
}

std::optional<Ending> ending_named(std::string_view name) {
  if (name == "end") return Ending::end;
  if (name == "reset") return Ending::reset;
  if (name == "hang") return Ending::hang;
  return std::nullopt;
}

Result<RulePtr> Rule::read(const Json& json) {
  auto rule = std::make_shared<Rule>();
  for (const Json::Member& member : json.members()) {
    if (std::ranges::find(known, member.name) == known.end())
      return fail(invalid(text::cat(member.name, " is unknown")));
  }
  rule->pattern = json.text_at({"on"});
  if (rule->pattern.empty()) return fail(invalid("on: a pattern is expected"));
  std::optional<std::uint64_t> delay;
  std::optional<std::uint64_t> code;
  std::optional<std::uint64_t> status;
  const std::pair<std::string_view, std::optional<std::uint64_t>*> numbers[] = {
      {"count", &rule->left}, {"delayMilliseconds", &delay}, {"code", &code}, {"retryAfter", &rule->retry_after},
      {"status", &status},    {"bytes", &rule->bytes}};
  for (const auto& [name, number] : numbers) {
    const auto written = number_at(json, name);
    if (!written) return Failure(written.error());
    *number = *written;
  }
  rule->delay = net::Duration(delay.value_or(0));
  if (code) rule->code = static_cast<unsigned>(*code);
  rule->status = static_cast<unsigned>(status.value_or(200));
  const auto holds = truth_at(json, "hold");
  if (!holds) return Failure(holds.error());
  rule->holds = holds->value_or(false);
  if (const Json* const body = json.find("body")) rule->body = body->text();
  if (json.find("then") != nullptr) {
    const auto ending = ending_named(json.text_at({"then"}));
    if (!ending) return fail(invalid("then: end, reset or hang is expected"));
    rule->ending = *ending;
  }
  return rule;
}

std::uint64_t Rules::add(RulePtr rule) {
  rule->id = ++last_;
  rules_.push_back(std::move(rule));
  return last_;
}

bool Rules::remove(std::uint64_t id) {
  const auto found = std::ranges::find(rules_, id, [](const RulePtr& rule) { return rule->id; });
  if (found == rules_.end()) return false;
  const RulePtr rule = std::move(*found);
  rules_.erase(found);
  rule->removed.open();
  return true;
}

void Rules::clear() {
  const std::deque<RulePtr> all = std::exchange(rules_, {});
  for (const RulePtr& rule : all) rule->removed.open();
}

RulePtr Rules::use(std::string_view request) {
  const auto found = std::ranges::find_if(rules_, [request](const RulePtr& rule) {
    return (!rule->left || *rule->left > 0) && fits_pattern(rule->pattern, request);
  });
  if (found == rules_.end()) return nullptr;
  if ((*found)->left) --*(*found)->left;
  return *found;
}

}  // namespace sallyport::fake_api
