// SPDX-License-Identifier: Apache-2.0
#include "control/counted.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace sallyport::control {
namespace {

using Backends = Counted<model::Backend>;

Backends::Pointer backend(std::string id, std::string owner = "", std::string set = "shop/web:80") {
  model::Backend backend;
  backend.id = std::move(id);
  backend.endpoint_set = std::move(set);
  backend.origin.object.name = std::move(owner);
  return std::make_shared<const model::Backend>(std::move(backend));
}

TEST(Counted, FirstUseAndLastReleaseAreInTheDelta) {
  Backends backends;
  const auto one = backends.acquire(backend("a"));
  const auto other = backends.acquire(backend("a"));
  EXPECT_EQ(one, other) << "one value for both";
  ASSERT_EQ(backends.take().changed.size(), 1U);
  backends.release(one);
  EXPECT_TRUE(backends.take().empty());
  backends.release(other);
  EXPECT_EQ(backends.take().removed, std::vector<model::Id>{"a"});
  EXPECT_EQ(backends.size(), 0U);
}

TEST(Counted, WhatComesAndGoesInBetweenIsNoChange) {
  Backends backends;
  const auto stays = backends.acquire(backend("a"));
  backends.take();
  backends.release(backends.acquire(backend("b")));
  backends.release(stays);
  const auto again = backends.acquire(backend("a"));
  EXPECT_TRUE(backends.take().empty());
  backends.release(again);
  const auto different = backends.acquire(backend("a", "", "shop/api:80"));
  const auto changes = backends.take();
  ASSERT_EQ(changes.changed.size(), 1U);
  EXPECT_EQ(changes.changed[0], different);
  EXPECT_TRUE(changes.removed.empty());
}

TEST(Counted, ChangesAreInTheOrderOfTheirIds) {
  Backends backends;
  for (const char* id : {"c", "a", "b"}) backends.acquire(backend(id));
  const auto changes = backends.take();
  ASSERT_EQ(changes.changed.size(), 3U);
  EXPECT_EQ(changes.changed[0]->id, "a");
  EXPECT_EQ(changes.changed[2]->id, "c");
}

TEST(Counted, OfSeveralOriginsTheSmallestCountsWhoeverCameFirst) {
  for (const bool small_first : {true, false}) {
    Backends backends;
    const auto first = backends.acquire(backend("x", small_first ? "a" : "b"));
    const auto second = backends.acquire(backend("x", small_first ? "b" : "a"));
    const auto& small = small_first ? first : second;
    const auto& large = small_first ? second : first;
    EXPECT_EQ(backends.all().at("x"), small);
    EXPECT_EQ(backends.take().changed.at(0), small);
    backends.release(small);
    EXPECT_EQ(backends.all().at("x"), large);
    ASSERT_EQ(backends.take().changed.size(), 1U);
    backends.release(large);
    EXPECT_EQ(backends.take().removed.size(), 1U);
    EXPECT_EQ(backends.size(), 0U);
  }
}

TEST(Counted, OneThatDoesNotCountGoesInSilence) {
  Backends backends;
  const auto small = backends.acquire(backend("x", "a"));
  const auto large = backends.acquire(backend("x", "b"));
  backends.take();
  backends.release(large);
  EXPECT_TRUE(backends.take().empty());
  EXPECT_EQ(backends.all().at("x"), small);
}

}  // namespace
}  // namespace sallyport::control
