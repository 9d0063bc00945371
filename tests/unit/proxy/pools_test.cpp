// SPDX-License-Identifier: Apache-2.0
#include "proxy/pools.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "support/loop_test.hpp"

namespace sallyport::proxy {
namespace {

class PoolsTest : public support::LoopTest {
 protected:
  static std::shared_ptr<const model::Backend> backend(std::string id, std::string set) {
    return std::make_shared<const model::Backend>(model::Backend{.id = std::move(id), .endpoint_set = std::move(set)});
  }
  static std::shared_ptr<const model::EndpointSet> set(std::string id, std::string_view address) {
    return std::make_shared<const model::EndpointSet>(
        model::EndpointSet{std::move(id), {{.address = *syntax::SocketAddress::parse(address)}}, {}});
  }

  routing::Change apply(model::Delta delta) {
    delta.version = ++version_;
    return compiler_.apply(delta);
  }
  routing::Change add(std::string id, std::string endpoints) {
    model::Delta delta;
    delta.backends.changed = {backend(std::move(id), std::move(endpoints))};
    return apply(std::move(delta));
  }
  routing::Change remove(std::string id) {
    model::Delta delta;
    delta.backends.removed = {std::move(id)};
    return apply(std::move(delta));
  }
  std::set<std::string> ids() {
    std::set<std::string> all;
    pools_.for_each([&](Pool& pool) { EXPECT_TRUE(all.insert(pool.id()).second); });
    return all;
  }

  routing::Compiler compiler_;
  std::uint64_t version_ = 0;
  http::ClientSettings settings_;
  net::Ledger ledger_{1 << 20};
  int made_ = 0;
  Pools pools_{[this](const routing::Backend& of) {
    ++made_;
    return std::make_shared<Pool>(of.model.id, loop_, settings_, ledger_, 0);
  }};
};

TEST_F(PoolsTest, AChangeTouchesOnlyTheBackendsThatItNames) {
  pools_.adopt(add("a", "sa"));
  pools_.adopt(add("b", "sb"));
  model::Delta delta;
  delta.endpoint_sets.changed = {set("sa", "127.0.0.1:1")};
  const routing::Change change = apply(std::move(delta));
  EXPECT_EQ(change.backends.size(), 1U);
  pools_.adopt(change);
  EXPECT_EQ(made_, 2);
  EXPECT_EQ(ids(), (std::set<std::string>{"a", "b"}));
}

TEST_F(PoolsTest, ABackendThatIsGoneKeepsItsPoolWhileASnapshotKnowsIt) {
  auto first = add("a", "sa");
  pools_.adopt(first);
  const routing::Slot slot = first.backends.at(0);
  Pool* const pool = pools_.at(slot);
  pools_.adopt(remove("a"));
  EXPECT_EQ(pools_.at(slot), pool);
  EXPECT_EQ(pools_.find("a"), pool);
  first = {};
  pools_.forget(compiler_.free_retired());
  EXPECT_EQ(pools_.at(slot), nullptr);
  EXPECT_EQ(pools_.find("a"), nullptr);
  EXPECT_TRUE(ids().empty());
}

TEST_F(PoolsTest, ABackendThatComesBackHasItsOldPool) {
  auto first = add("a", "sa");
  pools_.adopt(first);
  Pool* const pool = pools_.find("a");
  pools_.adopt(remove("a"));
  pools_.adopt(add("a", "sa"));
  EXPECT_EQ(pools_.find("a"), pool);
  EXPECT_EQ(made_, 1);
  first = {};
  pools_.forget(compiler_.free_retired());
  EXPECT_EQ(pools_.find("a"), pool) << "the newest snapshot has it";
  EXPECT_EQ(ids(), std::set<std::string>{"a"});
}

TEST_F(PoolsTest, ATunnelMayHoldAPoolThatIsForgotten) {
  auto first = add("a", "sa");
  pools_.adopt(first);
  const std::shared_ptr<Pool> held = pools_.find("a")->shared_from_this();
  pools_.adopt(remove("a"));
  first = {};
  pools_.forget(compiler_.free_retired());
  EXPECT_EQ(held->id(), "a");
  EXPECT_EQ(held.use_count(), 1);
}

}  // namespace
}  // namespace sallyport::proxy
