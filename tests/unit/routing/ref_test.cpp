// SPDX-License-Identifier: Apache-2.0
#include "routing/ref.hpp"

#include <gtest/gtest.h>

#include <memory>

namespace sallyport::routing {
namespace {

struct Link : Counted {
  explicit Link(Ref<Link> to) : next(std::move(to)) {}
  Link(const Link&) = default;
  std::size_t bytes_beside() const { return 100; }

  Ref<Link> next;
};

TEST(Ref, TheLastOneFrees) {
  const NodeCounts before = node_counts();
  {
    Ref<Link> one = make_counted<Link>(nullptr);
    EXPECT_TRUE(one.is_only());
    const Ref<Link> other = one;
    EXPECT_FALSE(one.is_only());
    one = nullptr;
    EXPECT_TRUE(other.is_only());
    EXPECT_EQ(node_counts().made, before.made + 1);
    EXPECT_EQ(node_counts().alive, before.alive + 1);
    EXPECT_EQ(node_counts().bytes, before.bytes + static_cast<std::int64_t>(sizeof(Link)) + 100);
  }
  EXPECT_EQ(node_counts().alive, before.alive);
  EXPECT_EQ(node_counts().bytes, before.bytes);
}

TEST(Ref, MovingTakesIt) {
  Ref<Link> one = make_counted<Link>(nullptr);
  const Ref<Link> other = std::move(one);
  EXPECT_TRUE(other.is_only());
}

TEST(Ref, FreeingNeedsNoStack) {
  const std::int64_t before = node_counts().alive;
  Ref<Link> chain;
  for (int i = 0; i < 1'000'000; ++i) chain = make_counted<Link>(std::move(chain));
  EXPECT_EQ(node_counts().alive, before + 1'000'000);
  chain = nullptr;
  EXPECT_EQ(node_counts().alive, before);
}

TEST(Ref, OwningCopiesOnlyWhatOthersHave) {
  Ref<Link> one = make_counted<Link>(nullptr);
  Link* const at = one.get();
  EXPECT_EQ(&own(one), at);
  const Ref<Link> other = one;
  EXPECT_NE(&own(one), at);
  EXPECT_EQ(other.get(), at);
  EXPECT_TRUE(other.is_only());
}

}  // namespace
}  // namespace sallyport::routing
