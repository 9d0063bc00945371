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

}  // namespace
}  // namespace sallyport::commands
