// SPDX-License-Identifier: Apache-2.0
#include "routing/condition.hpp"

#include <gtest/gtest.h>

#include "unit/routing/rules.hpp"

namespace sallyport::routing {
namespace {

using model::Predicate;
using Kind = model::TextMatch::Kind;

bool holds(const Predicate& predicate, const Asked& asked) {
  Regexes regexes;
  Facts facts{asked.head, asked.client};
  return Condition(predicate, regexes).holds(facts);
}

Predicate header(std::string name, Kind kind, std::string value = {}) {
  return {model::HeaderIs{.name = std::move(name), .value = {.kind = kind, .value = std::move(value)}}};
}
Predicate query(std::string name, Kind kind, std::string value = {}) {
  return {model::QueryIs{.name = std::move(name), .value = {.kind = kind, .value = std::move(value)}}};
}

class ConditionTest : public testing::Test {
 protected:
  bool with_query(std::string_view text, const Predicate& predicate) {
    asked_.head.query = text;
    asked_.head.has_query = true;
    return holds(predicate, asked_);
  }
  void add(std::string_view name, std::string_view value) { ASSERT_TRUE(asked_.head.fields.add(name, value)); }

  Asked asked_{"a.example", "/"};
};

TEST_F(ConditionTest, AMethodIsOneOfThoseNamed) {
  EXPECT_TRUE(holds({model::MethodIs{{"POST", "GET"}}}, asked_));
  EXPECT_FALSE(holds({model::MethodIs{{"POST"}}}, asked_));
  EXPECT_FALSE(holds({model::MethodIs{{"get"}}}, asked_)) << "methods have a case";
}

TEST_F(ConditionTest, AFieldIsComparedWhole) {
  add("X-Canary", "on");
  add("Accept", "a/b");
  EXPECT_TRUE(holds(header("x-canary", Kind::exact, "on"), asked_));
  EXPECT_TRUE(holds(header("accept", Kind::exact, "a/b"), asked_));
  EXPECT_FALSE(holds(header("x-canary", Kind::exact, "o"), asked_));
  EXPECT_FALSE(holds(header("x-canary", Kind::exact, "on "), asked_));
  EXPECT_TRUE(holds(header("x-canary", Kind::regex, "o."), asked_));
  EXPECT_FALSE(holds(header("x-canary", Kind::regex, "o"), asked_));
  EXPECT_TRUE(holds(header("x-canary", Kind::present), asked_));
  EXPECT_FALSE(holds(header("x-other", Kind::present), asked_));
  EXPECT_FALSE(holds(header("x-other", Kind::exact, ""), asked_));
  EXPECT_FALSE(holds(header("x-other", Kind::regex, ".*"), asked_));
}

// RFC 9110 5.3
TEST_F(ConditionTest, LinesOfOneNameAreOneText) {
  add("X-A", "1");
  add("X-B", "9");
  add("x-a", "2");
  EXPECT_TRUE(holds(header("x-a", Kind::exact, "1, 2"), asked_));
  EXPECT_FALSE(holds(header("x-a", Kind::exact, "1"), asked_));
  EXPECT_FALSE(holds(header("x-a", Kind::exact, "1,2"), asked_));
  EXPECT_FALSE(holds(header("x-a", Kind::exact, "1, 2, "), asked_));
  EXPECT_TRUE(holds(header("x-a", Kind::regex, "1, \\d"), asked_));
  EXPECT_TRUE(holds(header("x-a", Kind::present), asked_));
}

TEST_F(ConditionTest, AnEmptyFieldIsThere) {
  add("X-A", "");
  EXPECT_TRUE(holds(header("x-a", Kind::exact, ""), asked_));
  EXPECT_TRUE(holds(header("x-a", Kind::present), asked_));
  add("X-A", "b");
  EXPECT_TRUE(holds(header("x-a", Kind::exact, ", b"), asked_));
  EXPECT_TRUE(holds(header("x-a", Kind::regex, ", b"), asked_));
}

TEST_F(ConditionTest, HostIsWhatGoesOnOfIt) {
  asked_.head.authority = "a.example:8080";
  EXPECT_TRUE(holds(header("host", Kind::exact, "a.example:8080"), asked_));
  EXPECT_FALSE(holds(header("host", Kind::exact, "a.example"), asked_));
}

TEST_F(ConditionTest, TheFirstParameterOfTheNameCounts) {
  EXPECT_TRUE(with_query("b=1&a=2&a=3", query("a", Kind::exact, "2")));
  EXPECT_FALSE(with_query("b=1&a=2&a=3", query("a", Kind::exact, "3")));
  EXPECT_FALSE(with_query("ba=2", query("a", Kind::present)));
  EXPECT_FALSE(with_query("b=a", query("a", Kind::present)));
  EXPECT_TRUE(with_query("&&a", query("a", Kind::present)));
  EXPECT_TRUE(with_query("a", query("a", Kind::exact, "")));
  EXPECT_TRUE(with_query("a=b=c", query("a", Kind::exact, "b=c")));
  EXPECT_FALSE(with_query("", query("a", Kind::present)));
  EXPECT_FALSE(with_query("&", query("", Kind::present)));
  EXPECT_TRUE(with_query("a=", query("a", Kind::exact, "")));
  EXPECT_TRUE(with_query("=1", query("", Kind::exact, "1")));
  EXPECT_FALSE(with_query("a", query("", Kind::present)));
}

TEST_F(ConditionTest, NamesAndValuesOfTheQueryAreDecoded) {
  EXPECT_TRUE(with_query("%61+b=c%2Fd+e", query("a b", Kind::exact, "c/d e")));
  EXPECT_TRUE(with_query("a=%zz%4", query("a", Kind::exact, "%zz%4")));
  EXPECT_TRUE(with_query("a=x%2By", query("a", Kind::regex, "x\\+y")));
  EXPECT_TRUE(with_query("a=xy", query("a", Kind::regex, "x.")));
  EXPECT_FALSE(with_query("a=xyz", query("a", Kind::regex, "x.")));
  EXPECT_FALSE(with_query("a=bc", query("a", Kind::exact, "b")));
  EXPECT_FALSE(with_query("a=b", query("a", Kind::exact, "bc")));
}

std::string parameters(std::size_t count) {
  std::string all;
  for (std::size_t i = 0; i < count; ++i) all += "p" + std::to_string(i) + "=1&";
  return all;
}

TEST_F(ConditionTest, TheFirstParametersAreKnown) {
  const std::string known = parameters(Parameters::most - 1) + "a=1";
  EXPECT_TRUE(with_query(known, query("a", Kind::exact, "1")));
  EXPECT_FALSE(with_query(known, {model::Not{{query("a", Kind::present)}}}));
  EXPECT_TRUE(with_query(known + "&&", {model::Not{{query("b", Kind::present)}}})) << "none is behind";
}

// Who sends sixty-four others first neither gets in as one that has it, nor as one that has it not.
TEST_F(ConditionTest, AParameterBehindThoseIsNeitherThereNorMissing) {
  const std::string many = parameters(Parameters::most) + "&a=1";
  const Predicate is = query("a", Kind::exact, "1");
  const Predicate is_not{model::Not{{is}}};
  const Predicate yes{model::MethodIs{{"GET"}}};
  const Predicate no{model::MethodIs{{"PUT"}}};
  for (const Predicate& one : {is, is_not, Predicate{model::Not{{is_not}}}, Predicate{model::AllOf{{yes, is_not}}},
                               Predicate{model::Not{{{model::AllOf{{yes, is}}}}}}, Predicate{model::AnyOf{{no, is}}},
                               Predicate{model::Not{{{model::AnyOf{{is, no}}}}}}}) {
    EXPECT_FALSE(with_query(many, one)) << to_text(one);
  }
  EXPECT_TRUE(with_query(many, {model::AnyOf{{is, yes}}})) << "the other decides";
  EXPECT_TRUE(with_query(many, {model::Not{{{model::AllOf{{is, no}}}}}}));
  EXPECT_TRUE(with_query(many, query("p0", Kind::exact, "1")));
}

TEST_F(ConditionTest, AQueryIsReadAnewWhenItIsAnother) {
  Facts facts{asked_.head, asked_.client};
  Regexes regexes;
  const Predicate predicate = query("a", Kind::regex, "x y");
  const Condition encoded(predicate, regexes);
  asked_.head.query = "a=x%20y&b=1";
  EXPECT_TRUE(encoded.holds(facts));
  EXPECT_TRUE(encoded.holds(facts)) << "a second time";
  const std::uint64_t steps = facts.parameters.steps();
  asked_.head.query = "a=z+y";
  EXPECT_FALSE(encoded.holds(facts));
  asked_.head.query = "b&a=x+y";
  EXPECT_TRUE(encoded.holds(facts));
  EXPECT_GT(facts.parameters.steps(), steps);
}

TEST_F(ConditionTest, TheClientIsInOneOfTheBlocks) {
  const auto block = [](std::string_view text) { return *syntax::Cidr::parse(text); };
  EXPECT_TRUE(holds({model::ClientIn{{block("10.0.0.0/8"), block("192.0.2.0/24")}}}, asked_));
  EXPECT_FALSE(holds({model::ClientIn{{block("10.0.0.0/8")}}}, asked_));
}

TEST_F(ConditionTest, AndOrNot) {
  const Predicate yes{model::MethodIs{{"GET"}}};
  const Predicate no{model::MethodIs{{"PUT"}}};
  EXPECT_TRUE(holds({model::AllOf{{yes, yes}}}, asked_));
  EXPECT_FALSE(holds({model::AllOf{{yes, no}}}, asked_));
  EXPECT_TRUE(holds({model::AllOf{}}, asked_));
  EXPECT_TRUE(holds({model::AnyOf{{no, yes}}}, asked_));
  EXPECT_FALSE(holds({model::AnyOf{{no, no}}}, asked_));
  EXPECT_FALSE(holds({model::AnyOf{}}, asked_));
  EXPECT_TRUE(holds({model::Not{{no}}}, asked_));
  EXPECT_FALSE(holds({model::Not{{yes}}}, asked_));
}

TEST_F(ConditionTest, AnExpressionThatDoesNotCompileDoesNotFit) {
  add("X-A", "[");
  EXPECT_FALSE(holds(header("x-a", Kind::regex, "["), asked_));
  EXPECT_FALSE(with_query("a=[", query("a", Kind::regex, "[")));
}

}  // namespace
}  // namespace sallyport::routing
