// SPDX-License-Identifier: Apache-2.0
#include "proxy/worker.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "net/listening_sockets.hpp"
#include "support/descriptors.hpp"

namespace sallyport::proxy {
namespace {

// Its loop does not turn: what is tested happens within one message.
class WorkerTest : public testing::Test {
 protected:
  syntax::SocketAddress listen(Worker& worker, const model::Id& listener) {
    auto sockets = net::open_listening_sockets(*syntax::SocketAddress::parse("127.0.0.1:0"), 1);
    worker.listen(listener, sockets->bound, std::move(sockets->by_slot.front()));
    return sockets->bound;
  }
  void connect(const syntax::SocketAddress& to, int times) {
    for (int i = 0; i < times; ++i) clients_.push_back(support::connect_to(to));
  }

  Settings settings_;
  filters::SharedStates shared_;
  std::vector<net::Fd> clients_;
};

TEST_F(WorkerTest, ADoorThatClosesTakesThoseWhoWaitBeforeIt) {
  Shares shares(settings_);
  Worker worker(0, settings_, shares, shared_, nullptr);
  const auto at = listen(worker, "web");
  connect(at, 3);
  worker.stop_listening(at);
  EXPECT_EQ(worker.connections(), 3U);
}

// They may reach the cap, which looks at every door.
TEST_F(WorkerTest, DrainingTakesThoseWhoWaitAlsoAtTheCap) {
  settings_.connections = 3;  // reached when the first door is closed already
  Shares shares(settings_);
  Worker worker(0, settings_, shares, shared_, nullptr);
  for (const char* listener : {"one", "two", "three"}) connect(listen(worker, listener), 2);
  worker.drain();
  EXPECT_EQ(worker.connections(), 6U);
  EXPECT_EQ(worker.report().accepted, 6U);
}

TEST_F(WorkerTest, AnAddressThatIsNotOpenIsNotClosed) {
  Shares shares(settings_);
  Worker worker(0, settings_, shares, shared_, nullptr);
  worker.stop_listening(*syntax::SocketAddress::parse("127.0.0.1:1"));
  EXPECT_EQ(worker.connections(), 0U);
}

// Who fails for nothing writes as many lines as he likes, and pushes out those of requests.
TEST_F(WorkerTest, LinesOfFailedHandshakesAreBoundedAndAllAreCounted) {
  const std::string file = testing::TempDir() + "handshake_lines.log";
  std::remove(file.c_str());
  Shares shares(settings_);
  auto log = AccessLog::open(file, 1);
  ASSERT_TRUE(log);
  {
    Worker worker(0, settings_, shares, shared_, log->get());
    const auto facts = http::ConnectionFacts::of(*syntax::SocketAddress::parse("192.0.2.1:1234"));
    const net::tls::Refusal why{.reason = net::tls::Reason::not_tls};
    for (int i = 0; i < 1'000; ++i) worker.count_refusal(facts, "https", "", why);
    EXPECT_EQ(worker.report().refusals[static_cast<std::size_t>(why.reason)], 1'000U);
    (*log)->ring(0).publish();
  }
  log->reset();
  std::ifstream lines(file);
  EXPECT_EQ(std::count(std::istreambuf_iterator<char>(lines), {}, '\n'), 100);
  std::remove(file.c_str());
}

}  // namespace
}  // namespace sallyport::proxy
