// SPDX-License-Identifier: Apache-2.0
// A fixture with a loop that runs on the test's own thread until something is so. Nothing sleeps: the loop waits for
// events, and one overall deadline fails the test instead of hanging it.

#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <functional>

#include "net/loop.hpp"

namespace sallyport::support {

class LoopTest : public testing::Test {
 protected:
  // Turns until `condition`, which is looked at after each turn. False, and a failed test, when that takes too long.
  bool run_until(const std::function<bool()>& condition) {
    bool met = condition();
    if (met) return true;
    Alarm overall;
    loop_.timers().arm(overall, net::Clock::now() + std::chrono::seconds(30));
    loop_.set_after_turn([&] {
      met = condition();
      if (met || overall.over) loop_.stop();
    });
    loop_.run();
    loop_.set_after_turn({});
    EXPECT_TRUE(met) << "the condition was not met in 30 s";
    return met;
  }

  // Until the loop's clock is past it: what had to happen by then has.
  bool run_past(net::Time time) {
    Alarm alarm;
    loop_.timers().arm(alarm, time + net::Duration(1));
    return run_until([&] { return alarm.over; });
  }

  // So many whole turns: what could happen by itself has happened then.
  void turn(int count = 8) {
    int left = count;
    loop_.set_after_turn([&] {
      if (--left <= 0) return loop_.stop();
      loop_.post([] {});
    });
    loop_.post([] {});
    loop_.run();
    loop_.set_after_turn({});
  }

  net::Loop loop_;

 private:
  struct Alarm final : net::Timer {
    void fire() override { over = true; }
    bool over = false;
  };
};

}  // namespace sallyport::support
