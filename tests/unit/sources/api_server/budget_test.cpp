// SPDX-License-Identifier: Apache-2.0
#include "sources/api_server/budget.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "support/loop_test.hpp"

namespace sallyport::sources::api_server {
namespace {

class BudgetTest : public support::LoopTest {
 protected:
  Budget& budget(const Budget::Settings& settings) { return budget_.emplace(loop_, settings); }

  net::Task<void> keep(std::string name, Urgency urgency, net::Time deadline) {
    std::optional<Budget::Place> place = co_await budget_->admit(urgency, deadline);
    order_ += place ? name : "-";
    if (place) places_.push_back(std::move(*place));
  }
  void start(std::string name, Urgency urgency = Urgency::usual, net::Time deadline = net::Time::max()) {
    tasks_.push_back(keep(std::move(name), urgency, deadline));
    tasks_.back().start();
  }

  std::optional<Budget> budget_;
  std::vector<Budget::Place> places_;
  std::vector<net::Task<void>> tasks_;
  std::string order_;
};

TEST_F(BudgetTest, ABurstGoesAtOnceAndTheRestInTurn) {
  budget({.interval = net::Duration(1), .burst = 3});
  for (const char* name : {"a", "b", "c", "d", "e"}) start(name);
  EXPECT_EQ(order_, "abc");
  ASSERT_TRUE(run_until([&] { return order_.size() == 5; }));
  EXPECT_EQ(order_, "abcde");
  EXPECT_EQ(budget_->waits(), 2U);
}

TEST_F(BudgetTest, SoManyAtATime) {
  budget({.at_once = 2});
  for (const char* name : {"a", "b", "c", "d"}) start(name);
  turn();
  EXPECT_EQ(order_, "ab");
  places_.erase(places_.begin());
  turn();
  EXPECT_EQ(order_, "abc");
  EXPECT_EQ(budget_->at_once(), 2U);
}

TEST_F(BudgetTest, LeasesAndWatchesGoFirst) {
  budget({.at_once = 1});
  start("a");
  start("b");
  start("c", Urgency::watch);
  start("d", Urgency::lease);
  for (int i = 0; i < 4; ++i) {
    turn();
    places_.clear();
  }
  EXPECT_EQ(order_, "adcb");
}

TEST_F(BudgetTest, ObjectsOneByOneHaveARateOfTheirOwn) {
  budget({.interval = std::chrono::hours(1),
          .burst = 2,
          .interval_of_many = std::chrono::hours(1),
          .burst_of_many = 3,
          .at_once = 100});
  for (const char* name : {"a", "b", "c"}) start(name, Urgency::watch);
  EXPECT_EQ(order_, "ab");
  for (const char* name : {"w", "x", "y", "z"}) start(name, Urgency::one_of_many);
  turn();
  EXPECT_EQ(order_, "abwxy") << "the others' rate is not theirs, and one that waits for it is in nobody's way";
}

TEST_F(BudgetTest, TenThousandObjectsNeedNoMinute) {
  const Budget::Settings usual;
  EXPECT_LE((10'000 - usual.burst_of_many) * usual.interval_of_many, std::chrono::seconds(20));
}

TEST_F(BudgetTest, WhoGoesAwayIsInNobodysWay) {
  budget({.at_once = 1});
  start("a");
  start("b");
  start("c");
  turn();
  tasks_[1].reset();
  places_.clear();
  turn();
  EXPECT_EQ(order_, "ac");
}

TEST_F(BudgetTest, ADeadlineThatComesFirst) {
  budget({.at_once = 1});
  start("a");
  start("b", Urgency::usual, net::Clock::now() + net::Duration(1));
  ASSERT_TRUE(run_until([&] { return order_.size() == 2; }));
  EXPECT_EQ(order_, "a-");
}

TEST_F(BudgetTest, WhatIsHeldBackHoldsNobodyElse) {
  budget({.longest_hold = net::Duration(20)});
  budget_->hold(Urgency::lease, std::chrono::hours(1));
  start("a", Urgency::lease);
  start("b", Urgency::usual);
  EXPECT_EQ(order_, "b");
  ASSERT_TRUE(run_until([&] { return order_.size() == 2; }));
  EXPECT_EQ(order_, "ba") << "no hold is longer than the longest";
}

}  // namespace
}  // namespace sallyport::sources::api_server
