// SPDX-License-Identifier: Apache-2.0
#include "proxy/handshakes.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

namespace sallyport::proxy {
namespace {

class TestPlace final : public Handshakes::Place {
 public:
  ~TestPlace() override = default;
  bool gave_way = false;

 private:
  void give_way() override {
    gave_way = true;
    leave();
  }
};

class HandshakesTest : public testing::Test {
 protected:
  // Null: there was no room.
  TestPlace* enter(const char* address) {
    auto place = std::make_unique<TestPlace>();
    if (!handshakes_.enter(*place, *syntax::IpAddress::parse(address), now_)) return nullptr;
    return places_.emplace_back(std::move(place)).get();
  }

  std::vector<syntax::Cidr> exempt_ = {*syntax::Cidr::parse("10.0.0.0/8")};
  Handshakes handshakes_{4, 2, exempt_};
  net::Time now_ = net::Clock::now();
  std::vector<std::unique_ptr<TestPlace>> places_;
};

TEST_F(HandshakesTest, T10ThereAreOnlySoManyAtOnce) {
  for (const char* address : {"192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"}) EXPECT_NE(enter(address), nullptr);
  EXPECT_EQ(enter("192.0.2.5"), nullptr) << "nobody has had his time yet";
  places_.pop_back();
  EXPECT_NE(enter("192.0.2.5"), nullptr);
  EXPECT_EQ(handshakes_.count(), 4U);
}

TEST_F(HandshakesTest, T10TheOldestMakesRoomWhenItHasHadItsTime) {
  TestPlace* const oldest = enter("192.0.2.1");
  for (const char* address : {"192.0.2.2", "192.0.2.3", "192.0.2.4"}) EXPECT_NE(enter(address), nullptr);
  now_ += net::Duration(1'000);
  EXPECT_NE(enter("192.0.2.5"), nullptr);
  EXPECT_TRUE(oldest->gave_way);
  EXPECT_FALSE(places_[1]->gave_way);
  EXPECT_EQ(handshakes_.count(), 4U);
}

TEST_F(HandshakesTest, T10ASourceHasItsShare) {
  EXPECT_NE(enter("2001:db8:0:1::1"), nullptr);
  EXPECT_NE(enter("2001:db8:0:1::2"), nullptr);
  EXPECT_EQ(enter("2001:db8:0:1::3"), nullptr) << "of one /64";
  EXPECT_NE(enter("2001:db8:0:2::1"), nullptr);
  places_.erase(places_.begin());
  EXPECT_NE(enter("2001:db8:0:1::3"), nullptr);
}

// Others behind the same address are not shut out by those who stop in the middle, and nobody else pays for them.
TEST_F(HandshakesTest, T10ASourceThatHasItsShareMakesRoomOfItsOwn) {
  TestPlace* const other = enter("192.0.2.1");
  TestPlace* const oldest = enter("192.0.2.2");
  EXPECT_NE(enter("192.0.2.2"), nullptr);
  now_ += net::Duration(1'000);
  EXPECT_NE(enter("192.0.2.2"), nullptr);
  EXPECT_TRUE(oldest->gave_way);
  EXPECT_FALSE(other->gave_way);
}

TEST_F(HandshakesTest, ProxiesOfManyAreNoSource) {
  for (int i = 0; i < 4; ++i) EXPECT_NE(enter("10.1.2.3"), nullptr);
  EXPECT_EQ(enter("10.1.2.3"), nullptr);
}

}  // namespace
}  // namespace sallyport::proxy
