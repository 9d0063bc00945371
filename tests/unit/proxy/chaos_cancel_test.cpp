// SPDX-License-Identifier: Apache-2.0
// Something ends after each number of turns that an exchange takes, from before its first to behind its last: at every
// point where a coroutine waits, it is cancelled once.

#include <gtest/gtest.h>

#include <tuple>
#include <utility>
#include <vector>

#include "support/session_clock.hpp"
#include "unit/proxy/chaos_run.hpp"

namespace sallyport::proxy {
namespace {

using support::Chaos;

class ChaosCancelTest : public testing::TestWithParam<std::tuple<Protocol, Event>> {
 protected:
  ~ChaosCancelTest() override { support::set_clock_right(); }
};

// The turns may be other ones from run to run: all that is asked for is that none of them is left out.
void cancel_at_each_turn(ChaosCase one) {
  for (one.cut_at = 0;; ++one.cut_at) {
    ChaosRun run(one);
    run.run();
    ASSERT_EQ(run.fault(), "") << one.text();
    if (run.turns() <= one.cut_at) break;
    ASSERT_LT(one.cut_at, 1000U) << one.text();
  }
}

TEST_P(ChaosCancelTest, AnEndAtAnyTurnLeavesNothing) {
  using Point = Chaos::Point;
  using Action = Chaos::Action;
  const std::vector<std::pair<Point, Action>> doings = {
      {Point::before_next, Action::nothing},    {Point::before_next, Action::suspend},
      {Point::before_next, Action::call},       {Point::before_next, Action::cancel},
      {Point::after_next, Action::suspend},     {Point::after_next, Action::call},
      {Point::response_first, Action::suspend}, {Point::response_second, Action::call},
      {Point::request_second, Action::suspend}, {Point::interim, Action::suspend}};
  for (const auto& [point, action] : doings) {
    for (int kind = 0; kind < kinds; ++kind) {
      for (int behaviour = 0; behaviour < behaviours; ++behaviour) {
        cancel_at_each_turn({.protocol = std::get<Protocol>(GetParam()),
                             .kind = static_cast<Kind>(kind),
                             .behaviour = static_cast<Behaviour>(behaviour),
                             .point = point,
                             .action = action,
                             .cut = std::get<Event>(GetParam())});
        if (HasFatalFailure()) return;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, ChaosCancelTest,
                         testing::Combine(testing::Values(Protocol::http1, Protocol::http2),
                                          testing::Values(Event::client_reset, Event::client_close,
                                                          Event::client_finish, Event::upstream_reset, Event::swap,
                                                          Event::drain, Event::end)));

}  // namespace
}  // namespace sallyport::proxy
