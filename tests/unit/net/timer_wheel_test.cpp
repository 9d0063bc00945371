// SPDX-License-Identifier: Apache-2.0
#include "net/timer_wheel.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <vector>

namespace sallyport::net {
namespace {

using std::chrono::hours;
using std::chrono::microseconds;

// Notes when it fired, and then does what the test says.
class Probe final : public Timer {
 public:
  int fired = 0;
  std::function<void()> then;

 private:
  void fire() override {
    ++fired;
    if (then) then();
  }
};

struct TimerWheelTest : testing::Test {
  void advance(Clock::duration by) {
    now += by;
    wheel.advance(now);
  }

  Time start{hours(1000)};
  Time now = start;
  TimerWheel wheel{start};
};

TEST_F(TimerWheelTest, FiresOnceAtItsDeadlineAndNotBefore) {
  Probe probe;
  wheel.arm(probe, now + Duration(5));
  advance(microseconds(4'999));
  EXPECT_EQ(probe.fired, 0);
  advance(microseconds(1));
  EXPECT_EQ(probe.fired, 1);
  advance(hours(10));
  EXPECT_EQ(probe.fired, 1);
}

TEST_F(TimerWheelTest, WhatIsDueAlreadyFiresWithTheNextTickAndNotInsideArm) {
  advance(Duration(100));
  Probe probe;
  wheel.arm(probe, now - Duration(50));
  EXPECT_EQ(probe.fired, 0);
  advance(Duration(1));
  EXPECT_EQ(probe.fired, 1);
}

TEST_F(TimerWheelTest, DisarmedAndDestroyedTimersDoNotFire) {
  Probe probe;
  wheel.arm(probe, now + Duration(5));
  TimerWheel::disarm(probe);
  TimerWheel::disarm(probe);
  {
    Probe gone;
    wheel.arm(gone, now + Duration(5));
  }
  advance(Duration(70));
  EXPECT_EQ(probe.fired, 0);
}

TEST_F(TimerWheelTest, FiringMayArmItselfAgain) {
  Probe probe;
  probe.then = [&] { wheel.arm(probe, now); };
  wheel.arm(probe, now + Duration(1));
  advance(Duration(1));
  EXPECT_EQ(probe.fired, 1) << "not twice in one tick";
  advance(Duration(1));
  EXPECT_EQ(probe.fired, 2);
}

TEST_F(TimerWheelTest, FiringMayDisarmAndDestroyOthersOfTheSameSlot) {
  std::vector<std::unique_ptr<Probe>> probes;
  for (int i = 0; i < 3; ++i) probes.push_back(std::make_unique<Probe>());
  Probe armed_meanwhile;
  int fired = 0;
  for (const auto& probe : probes) {
    wheel.arm(*probe, now + Duration(7));
    probe->then = [&, self = probe.get()] {
      ++fired;
      wheel.arm(armed_meanwhile, now + Duration(1));
      for (auto& other : probes) {
        if (other.get() != self) other.reset();  // one disarmed by its destructor
      }
    };
  }
  advance(Duration(7));
  EXPECT_EQ(fired, 1);
  advance(Duration(1));
  EXPECT_EQ(armed_meanwhile.fired, 1);
}

TEST_F(TimerWheelTest, FiringMayDestroyItself) {
  auto probe = std::make_unique<Probe>();
  probe->then = [&] { probe.reset(); };
  wheel.arm(*probe, now + Duration(3));
  advance(Duration(3));
  EXPECT_EQ(probe, nullptr);
}

TEST_F(TimerWheelTest, FarDeadlinesWait) {
  Probe week;
  Probe year;
  Probe for_ever;
  wheel.arm(week, now + hours(24 * 7));
  wheel.arm(year, now + hours(24 * 365));
  wheel.arm(for_ever, Time::max());
  advance(hours(24 * 7) - Duration(1));
  EXPECT_EQ(week.fired, 0);
  advance(Duration(1));
  EXPECT_EQ(week.fired, 1);
  EXPECT_EQ(year.fired, 0);
  EXPECT_EQ(for_ever.fired, 0);
}

TEST_F(TimerWheelTest, SleepsForEverWhenNothingIsArmed) { EXPECT_EQ(wheel.sleep_from(now), std::nullopt); }

TEST_F(TimerWheelTest, DoesNotSleepPastADeadlineThatIsDue) {
  Probe probe;
  wheel.arm(probe, now + Duration(5));
  EXPECT_EQ(wheel.sleep_from(now), Duration(5));
  EXPECT_EQ(wheel.sleep_from(now + Duration(50)), Duration(0));
}

// What the wheel has to do, said with a list.
class Model {
 public:
  explicit Model(std::size_t count) : deadlines_(count) {}
  void arm(std::size_t which, Time deadline) { deadlines_[which] = deadline; }
  void disarm(std::size_t which) { deadlines_[which].reset(); }
  const std::optional<Time>& deadline(std::size_t which) const { return deadlines_[which]; }
  std::optional<Time> first() const {
    std::optional<Time> first;
    for (const auto& deadline : deadlines_) {
      if (deadline && (!first || *deadline < *first)) first = deadline;
    }
    return first;
  }

 private:
  std::vector<std::optional<Time>> deadlines_;
};

// Jumps of all sizes, up to hours: mostly small ones, so that each level of the wheel is used.
microseconds any_span(std::mt19937& random) {
  const auto size = std::uniform_int_distribution<int>(0, 34)(random);
  return microseconds(std::uniform_int_distribution<std::int64_t>(0, std::int64_t{1} << size)(random));
}

TEST_F(TimerWheelTest, AgreesWithASortedListOverRandomUse) {
  constexpr std::size_t count = 40;
  std::mt19937 random(20240607);
  Model model(count);
  std::vector<Probe> probes(count);
  std::size_t firings = 0;
  for (std::size_t which = 0; which < count; ++which) {
    probes[which].then = [&, which] {
      ++firings;
      ASSERT_TRUE(model.deadline(which)) << "was not armed";
      EXPECT_LE(*model.deadline(which), now) << "early";
      model.disarm(which);
    };
  }
  for (int step = 0; step < 60'000 && !HasFailure(); ++step) {
    const std::size_t which = random() % count;
    switch (random() % 8) {
      case 0:
        TimerWheel::disarm(probes[which]);
        model.disarm(which);
        break;
      case 1:
      case 2: {  // time goes on, as far as the loop would sleep or anywhere
        const auto sleep = wheel.sleep_from(now);
        ASSERT_EQ(sleep.has_value() || !model.first().has_value(), true) << "would sleep for ever";
        if (sleep && model.first() && *model.first() > now) {
          EXPECT_LT(now + *sleep, *model.first() + Duration(2)) << "would sleep too long";
        }
        advance(sleep && random() % 2 == 0 ? Clock::duration(*sleep) : Clock::duration(any_span(random)));
        for (std::size_t one = 0; one < count; ++one) {
          const auto& deadline = model.deadline(one);
          if (deadline) {
            EXPECT_GT(*deadline + Duration(1), now) << "late by more than a tick";
          }
        }
        break;
      }
      default: {  // earlier, later, or for the first time
        const Time deadline = now + any_span(random);
        wheel.arm(probes[which], deadline);
        model.arm(which, deadline);
      }
    }
  }
  EXPECT_GT(firings, 5'000U);
}

}  // namespace
}  // namespace sallyport::net
