// SPDX-License-Identifier: Apache-2.0
// Which of the events that are known is delivered first (Loop::Order).
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "net/loop.hpp"
#include "support/descriptors.hpp"
#include "support/loop_test.hpp"

namespace sallyport::net {
namespace {

// A descriptor that is watched as long as this lives.
class Watched final : public Watcher {
 public:
  Watched(Loop& loop, Loop::Order order, std::function<void()> call) : loop_(loop), call_(std::move(call)) {
    EXPECT_TRUE(loop_.add(pair_.one.get(), EPOLLIN | EPOLLET, *this, order));
  }
  ~Watched() { loop_.remove(pair_.one.get(), *this); }

  void make_ready() { EXPECT_EQ(::write(pair_.other.get(), "x", 1), 1); }

 private:
  void on_events(std::uint32_t) override { call_(); }

  Loop& loop_;
  support::Pair pair_ = support::local_pair(SOCK_STREAM);
  std::function<void()> call_;
};

class EventOrderTest : public support::LoopTest {
 protected:
  Watched& watch(Loop::Order order, std::function<void()> call) {
    watched_.push_back(std::make_unique<Watched>(loop_, order, std::move(call)));
    return *watched_.back();
  }

  std::string heard_;
  std::vector<std::unique_ptr<Watched>> watched_;
};

TEST_F(EventOrderTest, WhatEndsWorkComesBeforeWhatBeginsMoreHoweverLateItCame) {
  for (int i = 0; i < 3; ++i) watch(Loop::Order::later, [this] { heard_ += 'l'; }).make_ready();
  for (int i = 0; i < 3; ++i) watch(Loop::Order::first, [this] { heard_ += 'f'; }).make_ready();
  turn();
  EXPECT_EQ(heard_, "ffflll");
}

TEST_F(EventOrderTest, WhatEndsWorkIsLookedForAgainBeforeMoreThanSixtyFourBegin) {
  Watched& ending = watch(Loop::Order::first, [this] { heard_ += 'f'; });
  for (int i = 0; i < 200; ++i) {
    watch(Loop::Order::later, [&] {
      if (heard_.empty()) ending.make_ready();
      heard_ += 'l';
    }).make_ready();
  }
  turn();
  EXPECT_EQ(heard_, std::string(64, 'l') + 'f' + std::string(136, 'l'));
}

TEST_F(EventOrderTest, NothingThatIsKnownWaitsForTheNextTurn) {
  std::size_t turns = 0;
  for (int i = 0; i < 300; ++i) watch(Loop::Order::later, [this] { heard_ += 'l'; }).make_ready();
  loop_.set_after_turn([&] {
    ++turns;
    loop_.stop();
  });
  loop_.run();
  EXPECT_EQ(turns, 1U);
  EXPECT_EQ(heard_.size(), 300U);
}

// Deadlines come after all that is known, so nobody who has just sent something is found to be late.
TEST_F(EventOrderTest, ADeadlineComesAfterTheEventsThatAreKnown) {
  struct Ring final : Timer {
    explicit Ring(std::string& to) : heard(to) {}
    void fire() override { heard += 't'; }
    std::string& heard;
  } ring(heard_);
  loop_.timers().arm(ring, loop_.now());
  for (int i = 0; i < 200; ++i) watch(Loop::Order::later, [this] { heard_ += 'l'; }).make_ready();
  run_past(loop_.now() + Duration(2));
  EXPECT_EQ(heard_, std::string(200, 'l') + 't');
}

TEST_F(EventOrderTest, WhoIsGoneMeanwhileHearsNothingInEitherOrder) {
  const auto end_others = [&] {
    heard_ += 'x';
    watched_.resize(1);
  };
  watch(Loop::Order::first, end_others).make_ready();
  for (int i = 0; i < 100; ++i) {
    const auto order = i % 2 == 0 ? Loop::Order::first : Loop::Order::later;
    watch(order, [this] { heard_ += '?'; }).make_ready();
  }
  turn();
  EXPECT_EQ(heard_, "x");
}

}  // namespace
}  // namespace sallyport::net
