// SPDX-License-Identifier: Apache-2.0
// A fixture for calls to upstreams of HTTP/2.

#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "unit/proxy/h2_origin.hpp"
#include "unit/proxy/upstream_test.hpp"

namespace sallyport::proxy {

inline constexpr std::uint16_t max_concurrent_streams = 3;  // of SETTINGS

class Http2CallTest : public UpstreamTest {
 protected:
  using Calls = std::vector<std::unique_ptr<Call>>;

  static Calls start_calls(Pool& from, std::size_t count) {
    Calls calls;
    for (std::size_t i = 0; i < count; ++i) {
      calls.push_back(get());
      calls.back()->start(from);
    }
    return calls;
  }
  // A call whose request has come to the origin, on this stream of connection `number`.
  std::unique_ptr<Call> asked(Pool& from, H2Origin& origin, std::size_t number, std::uint32_t stream) {
    auto call = get();
    call->start(from);
    EXPECT_TRUE(run_until([&] { return origin.asked(number, stream); }));
    return call;
  }
  static void answer(support::H2Client& it, std::uint32_t stream, std::string_view body = "fine") {
    it.headers(stream, {{":status", "200"}}, false);
    it.data(stream, body, true);
  }
  // The head has come; the body is read from now on.
  void expect_head(Call& call) {
    ASSERT_TRUE(run_until([&] { return call.answered(); }));
    ASSERT_EQ(call.status(), 200);
    call.start_reading();
  }
  void expect_end(Call& call, std::string_view body) {
    ASSERT_TRUE(run_until([&] { return call.body_ended; }));
    EXPECT_FALSE(call.body_error);
    EXPECT_EQ(call.body, body);
  }
  void expect_answer(Call& call, std::string_view body = "fine") {
    expect_head(call);
    expect_end(call, body);
  }
};

}  // namespace sallyport::proxy
