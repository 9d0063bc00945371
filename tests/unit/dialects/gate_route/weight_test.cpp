// SPDX-License-Identifier: Apache-2.0
#include "dialects/gate_route/weight.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "syntax/address.hpp"

namespace sallyport::dialects::gate_route {
namespace {

constexpr std::size_t many = 1'000;

std::size_t weight_with(const std::function<void(model::Rule&)>& change) {
  model::Rule rule;
  change(rule);
  return weight(rule);
}

std::size_t weight_with(const model::HeaderChanges& changes, bool is_response) {
  model::ModifyHeaders headers;
  (is_response ? headers.response : headers.request) = changes;
  return weight_with([&](model::Rule& rule) { rule.chain.emplace_back(headers); });
}

std::size_t weight_with(const model::UrlRewrite& rewrite) {
  return weight_with([&](model::Rule& rule) { rule.chain.emplace_back(rewrite); });
}

std::size_t weight_with(const model::Predicate& predicate) {
  return weight_with([&](model::Rule& rule) { rule.predicates.push_back(predicate); });
}

// The texts may all be short: what holds them is not.
TEST(Weight, CountsWhatHoldsTheTexts) {
  const model::HeaderChanges removed{.remove = std::vector<std::string>(many), .set = {}, .add = {}};
  const model::HeaderChanges set{.remove = {}, .set = std::vector<model::HeaderChanges::Field>(many), .add = {}};
  const model::HeaderChanges added{.remove = {}, .set = {}, .add = std::vector<model::HeaderChanges::Field>(many)};
  for (const bool is_response : {false, true}) {
    EXPECT_GE(weight_with(removed, is_response), many * sizeof(std::string));
    EXPECT_GE(weight_with(set, is_response), many * sizeof(model::HeaderChanges::Field));
    EXPECT_GE(weight_with(added, is_response), many * sizeof(model::HeaderChanges::Field));
  }
  EXPECT_GE(weight_with([](model::Rule& rule) { rule.destinations.resize(many); }), many * sizeof(model::Destination));
  EXPECT_GE(weight_with([](model::Rule&) {}), sizeof(model::Rule));
  EXPECT_GE(weight_with({model::MethodIs{std::vector<std::string>(many)}}), many * sizeof(std::string));
  EXPECT_GE(weight_with({model::ClientIn{std::vector<syntax::Cidr>(many, *syntax::Cidr::parse("10.0.0.0/8"))}}),
            many * sizeof(syntax::Cidr));
  const std::vector<model::Predicate> predicates(many, {model::HeaderIs{}});
  EXPECT_GE(weight_with({model::AnyOf{predicates}}), many * sizeof(model::Predicate));
  EXPECT_GE(weight_with({model::Not{{{model::AllOf{predicates}}}}}), many * sizeof(model::Predicate));
}

TEST(Weight, CountsTheTextsAsOftenAsTheyStand) {
  const std::string text(many, 'v');
  EXPECT_GE(weight_with([&](model::Rule& rule) { rule.path.value = text; }), 3 * many);
  EXPECT_GE(weight_with({model::QueryIs{.name = text, .value = {}}}), 3 * many);
  EXPECT_GE(weight_with({.remove = {text}, .set = {{text, text}}, .add = {{text, text}}}, false), 5 * many);
  EXPECT_GE(weight_with([&](model::Rule& rule) {
              rule.destinations.push_back({.target = model::BackendRef{.backend = text}});
            }),
            many);
}

TEST(Weight, CountsWhatARewritingHas) {
  const std::string text(many, 'v');
  EXPECT_GE(weight_with(model::UrlRewrite{.hostname = text}), many);
  EXPECT_GE(weight_with(model::UrlRewrite{.path = model::ReplacePrefix{text}}), many);
  EXPECT_GE(weight_with(model::UrlRewrite{.path = model::ReplacePath{text}}), many);
  EXPECT_GE(weight_with(model::UrlRewrite{.path = *syntax::Substitution::compile("v", text)}), 2 * many);
  std::string groups;
  for (std::size_t at = 0; at < many; ++at) groups += "\\0";
  EXPECT_GE(weight_with(model::UrlRewrite{.path = *syntax::Substitution::compile("v", groups)}),
            many * sizeof(syntax::Substitution::Piece));
}

}  // namespace
}  // namespace sallyport::dialects::gate_route
