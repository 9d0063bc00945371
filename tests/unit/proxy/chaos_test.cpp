// SPDX-License-Identifier: Apache-2.0
// Everything that a filter may do, at every point where it may, in each chain, around every kind of request and every
// way in which an upstream may behave; and the world changes while it waits.

#include <gtest/gtest.h>

#include <map>
#include <tuple>
#include <utility>
#include <vector>

#include "support/session_clock.hpp"
#include "unit/proxy/chaos_run.hpp"

namespace sallyport::proxy {
namespace {

using support::Chaos;
using Point = Chaos::Point;
using Action = Chaos::Action;

struct Doing {
  Action action;
  Event meanwhile = Event::nothing;
  unsigned status = 200;  // where the upstream answers well; 0: any, or none
};

const std::vector<Doing>& waits() {
  static const std::vector<Doing> all = {
      {Action::suspend},
      {Action::suspend, Event::client_reset, 0},
      {Action::suspend, Event::upstream_reset, 0},
      {Action::suspend, Event::swap},
      {Action::suspend, Event::drain},
      {Action::call},
      {Action::suspend_call, Event::forget_side},
  };
  return all;
}

std::vector<Doing> doings_at(Point point) {
  std::vector<Doing> all = waits();
  const auto add = [&](std::vector<Doing> more) { all.insert(all.end(), more.begin(), more.end()); };
  switch (point) {
    case Point::before_next:
      add({{Action::cancel, Event::nothing, 202}, {Action::cancel, Event::swap, 202}});
      [[fallthrough]];
    case Point::after_next:
      add({{Action::answer, Event::nothing, 202},
           {Action::fail, Event::nothing, 503},
           {Action::give_up, Event::nothing, 0},
           {Action::drop_call},
           {Action::reroute},
           {Action::again}});
      break;
    case Point::request_first:
    case Point::request_second:
    case Point::response_first:
    case Point::response_second:
      add({{Action::fail, Event::nothing, 0}});
      break;
    case Point::interim:
      break;
    case Point::last_byte:
      all = {{Action::nothing},
             {Action::nothing, Event::client_reset},
             {Action::nothing, Event::swap},
             {Action::nothing, Event::drain}};
      break;
  }
  return all;
}

// A body that was read cannot be sent again.
bool makes_sense(const ChaosCase& one) {
  const bool has_body = one.kind == Kind::post || one.kind == Kind::post_chunked || one.kind == Kind::expect;
  const bool sends_again =
      one.action == Action::again || (one.action == Action::reroute && one.point == Point::after_next);
  const bool is_of_request = one.point == Point::request_first || one.point == Point::request_second;
  const bool is_of_response = one.point == Point::response_first || one.point == Point::response_second;
  if (one.protocol == Protocol::http2) {
    // What has a length is read at once, to its end; and what a tunnel carries is no body of a response.
    if (has_body && one.kind != Kind::post_chunked && one.point == Point::request_second) return false;
    if (one.kind == Kind::upgrade && is_of_response) return false;
  }
  return !(has_body && sends_again) && (has_body || !is_of_request) && (one.kind != Kind::head || !is_of_response);
}

// The status that this case has to have; 0: it may be any.
unsigned expected(const ChaosCase& one, const Doing& doing) {
  const bool sure = one.behaviour == Behaviour::answers && one.kind != Kind::upgrade;
  if (!sure) return 0;
  // What came is dropped before these.
  const bool drops =
      one.point == Point::after_next && (one.action == Action::drop_call || one.action == Action::suspend_call);
  return drops ? 500 : doing.status;
}

class ChaosTest : public testing::TestWithParam<std::tuple<Protocol, Kind>> {
 protected:
  ~ChaosTest() override { support::set_clock_right(); }
};

TEST_P(ChaosTest, WhateverAFilterDoesNothingIsLeftAndNobodyElseIsHarmed) {
  constexpr std::array points = {Point::before_next,     Point::after_next,     Point::interim,
                                 Point::request_first,   Point::request_second, Point::response_first,
                                 Point::response_second, Point::last_byte};
  std::map<std::pair<Point, Action>, bool> acted;
  for (const Point point : points) {
    for (const Doing& doing : doings_at(point)) {
      for (int behaviour = 0; behaviour < behaviours; ++behaviour) {
        for (int place = 0; place < places; ++place) {
          const ChaosCase one{.protocol = std::get<Protocol>(GetParam()),
                              .kind = std::get<Kind>(GetParam()),
                              .behaviour = static_cast<Behaviour>(behaviour),
                              .place = static_cast<Place>(place),
                              .point = point,
                              .action = doing.action,
                              .meanwhile = doing.meanwhile};
          if (!makes_sense(one)) continue;
          ChaosRun run(one);
          run.run();
          bool& reached = acted[{point, doing.action}];
          reached = reached || run.acted();
          ASSERT_EQ(run.fault(), "") << one.text();
          const unsigned status = expected(one, doing);
          if (status != 0) {
            ASSERT_EQ(run.status(), status) << one.text();
          }
        }
      }
    }
  }
  for (const auto& [what, reached] : acted) {
    EXPECT_TRUE(reached) << "point " << static_cast<int>(what.first) << ", action " << static_cast<int>(what.second);
  }
}

INSTANTIATE_TEST_SUITE_P(All, ChaosTest,
                         testing::Combine(testing::Values(Protocol::http1, Protocol::http2),
                                          testing::Values(Kind::get, Kind::post, Kind::post_chunked, Kind::expect,
                                                          Kind::head, Kind::upgrade, Kind::pipelined)));

}  // namespace
}  // namespace sallyport::proxy
