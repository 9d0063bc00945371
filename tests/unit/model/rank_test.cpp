// SPDX-License-Identifier: Apache-2.0
#include "model/rank.hpp"

#include <gtest/gtest.h>

#include "model/delta.hpp"

namespace sallyport::model {
namespace {

TEST(Rank, FieldsCountInTheirOrder) {
  Rank first;
  Rank second;
  first.index = 1;
  EXPECT_LT(second, first);
  second.kind = "b";
  EXPECT_LT(first, second);
  first.kind = "c";
  EXPECT_LT(second, first);
  second.name = "b";
  EXPECT_LT(first, second);
  first.created = 20;
  second.created = 10;
  EXPECT_LT(second, first);
  second.text = "x";
  EXPECT_LT(first, second);
  first.words[2] = 1;
  EXPECT_LT(second, first);
  second.words[0] = 1;
  EXPECT_LT(first, second);
  first.tier = 1;
  EXPECT_LT(second, first);
}

TEST(Rank, AbsentAgeSortsAfterEveryPresentOne) {
  Rank present;
  present.created = Rank::never - 1;
  EXPECT_LT(present, Rank{});
}

TEST(Delta, IsEmptyOnlyIfEveryKindIs) {
  Delta delta;
  delta.version = 7;
  EXPECT_TRUE(delta.empty());
  delta.backends.removed.emplace_back("gone");
  EXPECT_FALSE(delta.empty());
}

}  // namespace
}  // namespace sallyport::model
