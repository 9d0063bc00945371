// SPDX-License-Identifier: Apache-2.0
#include "commands/explain_context.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "commands/explain_report.hpp"
#include "commands/explain_request.hpp"
#include "control/status.hpp"

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

// Stands for the engine.
struct Shadowing {
  ExplainContext::Rules losers;
  ExplainContext::Rules shadowed_by(const model::Rule&) const { return losers; }
};

const EachRule none = [](const auto&) {};

TEST(ContextOf, SaysThatAnOlderVersionServes) {
  Explained explained;
  explained.explanation.rule = rules({{{Host::exact, "a.com"}, "/"}}).front();
  const Shadowing shadowing{rules({{{Host::exact, "a.com"}, "/twin"}})};
  auto status = std::make_shared<control::ObjectStatus>();
  const auto of = [&](const ObjectRef&) { return control::StatusPtr(status); };
  EXPECT_FALSE(context_of(explained, shadowing, none, of).last_good);
  status->last_good = true;
  const ExplainContext context = context_of(explained, shadowing, none, of);
  EXPECT_TRUE(context.last_good);
  ASSERT_EQ(context.shadowed.size(), 1U);
  EXPECT_EQ(context.shadowed[0]->path.value, "/twin");
  explained.explanation.listener = std::make_shared<const model::Listener>(model::Listener{.id = "web"});
  explained.context = context;
  EXPECT_NE(to_text(explained).find("of the last good version"), std::string::npos);
  EXPECT_NE(to_json(explained).find("\"last_good\": true"), std::string::npos);
}

TEST(ContextOf, ARefusedRequestHasNoNeighbours) {
  Explained explained;
  explained.host = "a.com";
  explained.refused = Error{.code = Code::bad_request};
  const auto all = rules({{{Host::exact, "a.com"}, "/"}});
  const auto each = [&](const auto& call) { std::ranges::for_each(all, call); };
  const auto nobody = [](const ObjectRef&) { return control::StatusPtr(); };
  EXPECT_TRUE(context_of(explained, Shadowing(), each, nobody).nearby.empty());
  explained.refused.reset();
  EXPECT_EQ(context_of(explained, Shadowing(), each, nobody).nearby.size(), 1U);
}

}  // namespace
}  // namespace sallyport::commands
