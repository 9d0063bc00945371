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

std::optional<std::uint64_t> number_in(const Json& json, std::string_view name) {
  return json.find(name) == nullptr ? std::nullopt : std::optional(number_at(json, name));
}

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
  rule->left = number_in(json, "count");
  rule->delay = net::Duration(number_at(json, "delayMilliseconds"));
  const Json* const holds = json.find("hold");
  rule->holds = holds != nullptr && holds->is_true();
  if (const auto code = number_in(json, "code")) rule->code = static_cast<unsigned>(*code);
  rule->retry_after = number_in(json, "retryAfter");
  if (const Json* const body = json.find("body")) rule->body = body->text();
  rule->status = static_cast<unsigned>(number_at(json, "status", 200));
  rule->bytes = number_in(json, "bytes");
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
