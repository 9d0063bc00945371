// SPDX-License-Identifier: Apache-2.0
#include "commands/model_in_force.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace sallyport::commands {
namespace {

template <class Part>
std::shared_ptr<const Part> part(std::string id) {
  auto made = std::make_shared<Part>();
  made->id = std::move(id);
  return made;
}

std::shared_ptr<const model::Backend> backend(std::string id, std::string set) {
  auto made = std::make_shared<model::Backend>();
  made->id = std::move(id);
  made->endpoint_set = std::move(set);
  return made;
}

std::vector<std::string> rule_ids(const ConfigReport& report) {
  std::vector<std::string> ids;
  for (const auto& rule : report.rules) ids.push_back(rule->id);
  return ids;
}

TEST(ModelInForce, FollowsDeltasAndIsInTheOrderOfIds) {
  ModelInForce model;
  // Longer than a text that lies in its object: keys must not outlive the part that they are views of.
  const std::string long_id = "c, and more than a short text has room for";
  model.apply({.version = 1,
               .listeners = {{part<model::Listener>("http")}, {}},
               .endpoint_sets = {{part<model::EndpointSet>("s")}, {}},
               .backends = {{backend("x", "s"), backend("y", "none")}, {}},
               .rules = {{part<model::Rule>(long_id), part<model::Rule>("b")}, {}}});
  model.apply({.version = 2, .rules = {{part<model::Rule>("a"), part<model::Rule>(long_id)}, {"b"}}});
  const ConfigReport report = model.report();
  EXPECT_EQ(report.version, 2U);
  EXPECT_EQ(rule_ids(report), (std::vector<std::string>{"a", long_id}));
  ASSERT_EQ(report.listeners.size(), 1U);
  ASSERT_EQ(report.backends.size(), 2U);
  EXPECT_EQ(report.backends[0].endpoints->id, "s");
  EXPECT_EQ(report.backends[1].endpoints, nullptr);
  model.apply({.version = 3, .rules = {{}, {"a", long_id}}});
  EXPECT_TRUE(model.report().rules.empty());
}

TEST(ModelInForce, AReportDoesNotChangeWithTheModel) {
  ModelInForce model;
  model.apply({.version = 1, .rules = {{part<model::Rule>("a")}, {}}});
  const ConfigReport report = model.report();
  model.apply({.version = 2, .rules = {{}, {"a"}}});
  EXPECT_EQ(rule_ids(report), std::vector<std::string>{"a"});
}

}  // namespace
}  // namespace sallyport::commands
