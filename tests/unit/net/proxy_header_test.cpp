// SPDX-License-Identifier: Apache-2.0
#include "net/proxy_header.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <optional>
#include <string>
#include <string_view>

#include "net/task.hpp"
#include "support/descriptors.hpp"
#include "support/loop_test.hpp"

namespace sallyport::net {
namespace {

constexpr std::string_view header = "PROXY TCP4 192.0.2.1 203.0.113.9 56324 443\r\n";

class ProxyHeaderTest : public support::LoopTest {
 protected:
  static Task<void> read_it(ProxyHeaderTest& test, Time deadline) {
    test.result_ = co_await ReadProxyHeader(test.loop_, test.pair_.one, deadline);
  }
  void start(Duration patience = Duration(60'000)) {
    task_ = read_it(*this, loop_.now() + patience);
    task_.start();
  }
  void send(std::string_view bytes) {
    ASSERT_EQ(::send(pair_.other.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL), static_cast<ssize_t>(bytes.size()));
  }
  // What is left for whoever reads next.
  std::string left() {
    std::string room(100, '\0');
    const ssize_t got = ::recv(pair_.one.get(), room.data(), room.size(), 0);
    room.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
    return room;
  }
  bool is_done() {
    return run_until([&] { return result_.has_value(); });
  }

  support::Pair pair_ = support::tcp_pair();
  std::optional<Result<ProxyHeader>> result_;
  Task<void> task_;
};

TEST_F(ProxyHeaderTest, LeavesWhatComesBehindIt) {
  send(std::string(header) + "GET / HTTP/1.1\r\n");
  start();
  ASSERT_TRUE(is_done());
  ASSERT_TRUE(*result_);
  EXPECT_EQ((*result_)->client, *syntax::SocketAddress::parse("192.0.2.1:56324"));
  EXPECT_EQ(left(), "GET / HTTP/1.1\r\n");
}

TEST_F(ProxyHeaderTest, MayComeByteByByte) {
  start();
  for (const char c : header) {
    ASSERT_FALSE(result_);
    send({&c, 1});
    turn(2);
  }
  ASSERT_TRUE(is_done());
  ASSERT_TRUE(*result_);
  EXPECT_EQ((*result_)->size, header.size());
  EXPECT_EQ(left(), "");
}

TEST_F(ProxyHeaderTest, WhatIsNoneIsRefusedAtOnce) {
  send("G");
  start();
  ASSERT_TRUE(is_done());
  EXPECT_EQ(result_->error().code, Code::bad_request);
}

TEST_F(ProxyHeaderTest, HasADeadlineThatBytesDoNotMove) {
  start(Duration(20));
  send(header.substr(0, 20));
  ASSERT_TRUE(is_done());
  EXPECT_EQ(result_->error().code, Code::client_timeout);
}

TEST_F(ProxyHeaderTest, APeerThatEndsFirstIsGone) {
  start();
  send(header.substr(0, 20));
  pair_.other.reset();
  ASSERT_TRUE(is_done());
  EXPECT_EQ(result_->error().code, Code::client_gone);
}

TEST_F(ProxyHeaderTest, DroppingItTakesItOffTheLoop) {
  start(Duration(5));
  task_.reset();
  send(header);
  run_past(loop_.now() + Duration(10));
  EXPECT_FALSE(result_);
  EXPECT_EQ(left(), header);
}

}  // namespace
}  // namespace sallyport::net
