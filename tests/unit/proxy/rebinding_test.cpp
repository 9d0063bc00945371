// SPDX-License-Identifier: Apache-2.0
// A DNS server that changes its mind between any two questions, as one does that wants a gateway to reach what only the
// gateway can (S21): nothing is ever connected to that no name may lead to. The kernel's own calls are looked at.

#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "unit/proxy/connects.hpp"
#include "unit/proxy/named_test.hpp"

namespace sallyport::proxy {
namespace {

class RebindingTest : public NamedTest {
 protected:
  RebindingTest() {
    names_settings_.resolver.least_ttl = net::Duration(0);
    names_settings_.late = names_settings_.stale = net::Duration(0);
    ttl_ = 0;
  }

  static constexpr std::array<std::string_view, 10> targets = {
      "127.0.0.2", "0.0.0.0",   "169.254.169.254", "::1",       "::ffff:127.0.0.2",
      "ff02::1",   "224.0.0.1", "fd00:ec2::254",   "fe80::254", "100.100.100.200"};

  Connects looking_;
  std::vector<syntax::SocketAddress>& connects_ = looking_.seen;
};

TEST_F(RebindingTest, TenThousandFlipsReachNothingThatIsRefused) {
  constexpr std::size_t flips = 10'000;
  Origin origin(loop_);
  Pool& pool = named_pool({named(origin)});
  std::size_t refused = 0;
  for (std::size_t i = 0; i < flips; ++i) {
    addresses_ = {std::string(targets[i % targets.size()])};
    if (i % 20 == 0) addresses_ = {"127.0.0.1"};
    turn(1);  // what was answered in this one is known
    const auto call = get();
    call->start(pool);
    ASSERT_TRUE(run_until([&] { return call->answered() || origin.accepted() != i - refused; }));
    if (i % 20 != 0) {
      ASSERT_TRUE(call->error()) << i;
      ASSERT_EQ(call->error()->code, Code::address_refused) << addresses_.front();
      ++refused;
    } else {
      ASSERT_FALSE(call->answered()) << i;
    }
    call->drop();
  }
  EXPECT_EQ(connects_.size(), flips - refused);
  for (const syntax::SocketAddress& to : connects_) ASSERT_EQ(to, origin.address());
}

// The answer changes between the question and the connect, for whoever asks more than once. What leads somewhere is
// said to every second question for IPv4, and the question for IPv6 behind it gets the same.
TEST_F(RebindingTest, WhatIsJudgedIsWhatIsConnectedTo) {
  constexpr std::size_t calls = 200;
  Origin origin(loop_);
  Pool& pool = named_pool({named(origin)});
  std::size_t number = 0;
  dns_.set_script([&](const support::DnsQuestion& question) {
    if (question.type == support::DnsQuestion::a) ++number;
    addresses_ = {number % 2 == 0 ? "127.0.0.1" : std::string(targets[number / 2 % targets.size()])};
    return answer(question);
  });
  for (std::size_t i = 0; i < calls; ++i) {
    turn(1);
    const auto call = get();
    const std::size_t before = origin.accepted();
    call->start(pool);
    ASSERT_TRUE(run_until([&] { return call->answered() || origin.accepted() != before; }));
    call->drop();
  }
  EXPECT_EQ(connects_.size(), calls / 2);
  for (const syntax::SocketAddress& to : connects_) ASSERT_EQ(to, origin.address());
}

}  // namespace
}  // namespace sallyport::proxy
