// SPDX-License-Identifier: Apache-2.0
#include "commands/explain_context.hpp"

#include <gtest/gtest.h>

#include <string>

namespace sallyport::commands {
namespace {

using Host = model::HostPattern::Kind;

ExplainContext::Rules rules(std::initializer_list<std::pair<model::HostPattern, std::string>> all) {
  ExplainContext::Rules made;
  for (const auto& [host, path] : all) {
    auto rule = std::make_shared<model::Rule>();
    rule->id = model::to_text(host) + path;
    rule->host = host;
    rule->path = {.kind = model::PathMatch::Kind::exact, .value = path};
    made.push_back(std::move(rule));
  }
  return made;
}

std::vector<std::string> nearby(const ExplainContext::Rules& all, std::string_view host, std::string_view path) {
  std::vector<std::string> ids;
  const auto found = nearby_rules([&](const auto& call) { std::ranges::for_each(all, call); }, host, path);
  for (const auto& rule : found) ids.push_back(rule->id);
  return ids;
}

using Ids = std::vector<std::string>;

TEST(NearbyRules, AreThoseOfTheHostTheMostAlikeFirst) {
  const auto all = rules({{{Host::exact, "a.com"}, "/Checkout"},
                          {{Host::exact, "a.com"}, "/cart"},
                          {{Host::exact, "b.com"}, "/checkout"},
                          {{Host::any, ""}, "/checkout"},
                          {{Host::one_label, "com"}, "/check"}});
  EXPECT_EQ(nearby(all, "a.com", "/checkout/"), (Ids{"a.com/Checkout", "*.com/check", "a.com/cart"}));
  EXPECT_EQ(nearby(all, "com", "/checkout"), Ids());
}

TEST(NearbyRules, AreFew) {
  ExplainContext::Rules all;
  for (int i = 0; i < 20; ++i) {
    for (auto& rule : rules({{{Host::exact, "a.com"}, "/" + std::to_string(i)}})) all.push_back(std::move(rule));
  }
  EXPECT_EQ(nearby(all, "a.com", "/7").size(), most_nearby);
  EXPECT_EQ(nearby(all, "a.com", "/7").front(), "a.com/7");
}

TEST(CountMistakes, CountsWhatIsNotInForce) {
  control::Statuses statuses;
  for (const auto& [name, verdict, last_good] :
       {std::tuple("a", dialects::Verdict::accepted, false), std::tuple("b", dialects::Verdict::rejected, true),
        std::tuple("c", dialects::Verdict::rejected, false), std::tuple("d", dialects::Verdict::ignored, false)}) {
    auto status = std::make_shared<control::ObjectStatus>();
    status->verdict = verdict;
    status->last_good = last_good;
    statuses.emplace(ObjectRef{"", "Thing", "shop", name}, std::move(status));
  }
  ExplainContext context;
  count_mistakes(context, statuses,
                 {{.kind = sources::Problem::Kind::broken}, {.kind = sources::Problem::Kind::ignored}});
  EXPECT_EQ(context.rejected, 2U);
  EXPECT_EQ(context.last_good, 1U);
  EXPECT_EQ(context.broken_files, 1U);
}

}  // namespace
}  // namespace sallyport::commands
