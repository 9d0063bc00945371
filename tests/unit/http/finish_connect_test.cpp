// SPDX-License-Identifier: Apache-2.0
#include "http/finish_connect.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <memory>
#include <optional>
#include <utility>

#include "net/socket.hpp"
#include "net/tls/client_context.hpp"
#include "support/descriptors.hpp"
#include "support/loop_test.hpp"
#include "support/peer.hpp"

namespace sallyport::http {
namespace {

class FinishConnectTest : public support::LoopTest {
 protected:
  std::shared_ptr<const net::tls::ClientContext> context() {
    auto made = net::tls::ClientContext::make(library_, {.server_name = "a.test", .verify = false});
    EXPECT_TRUE(made);
    return *made;
  }
  net::Task<void> connect(net::Fd fd, Connecting how) {
    made_ = co_await finish_connect(loop_, std::move(fd), std::move(how), net::Time::max());
  }

  net::tls::TicketSeed seed_ = net::tls::TicketSeed::random();
  net::tls::Library library_{seed_};
  net::Ledger ledger_{64 * 1024 * 1024};
  ClientSettings settings_;
  std::optional<Result<MadeConnection>> made_;
};

// Its port would stay in TIME_WAIT after a FIN, and whoever asks and takes it back again and again would use up all.
TEST_F(FinishConnectTest, AHandshakeThatIsGivenUpEndsByAReset) {
  support::Pair pair = support::tcp_pair();
  support::Peer upstream(loop_, std::move(pair.one));
  net::Task<void> task = connect(std::move(pair.other), {.settings = settings_, .ledger = ledger_, .tls = context()});
  task.start();
  ASSERT_TRUE(run_until([&] { return !upstream.text().empty(); })) << "the ClientHello came";
  task.reset();
  ASSERT_TRUE(run_until([&] { return upstream.over(); }));
  EXPECT_TRUE(upstream.saw_reset());
}

TEST_F(FinishConnectTest, AConnectThatIsGivenUpEndsByAReset) {
  support::Listener listener = support::tcp_listener(1);
  net::IoResult<net::Fd> fd = net::start_connect(listener.address);
  ASSERT_TRUE(fd);
  net::Task<void> task = connect(std::move(*fd), {.settings = settings_, .ledger = ledger_, .tls = context()});
  task.start();
  ASSERT_FALSE(made_);
  task.reset();
  net::Fd accepted(::accept4(listener.fd.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
  ASSERT_TRUE(accepted);
  support::Peer upstream(loop_, std::move(accepted));
  ASSERT_TRUE(run_until([&] { return upstream.over(); }));
  EXPECT_TRUE(upstream.saw_reset());
}

// The upstream may read the alert that says why.
TEST_F(FinishConnectTest, AHandshakeThatFailsEndsWithoutAReset) {
  support::Pair pair = support::tcp_pair();
  support::Peer upstream(loop_, std::move(pair.one));
  net::Task<void> task = connect(std::move(pair.other), {.settings = settings_, .ledger = ledger_, .tls = context()});
  task.start();
  ASSERT_TRUE(run_until([&] { return !upstream.text().empty(); }));
  upstream.take();
  upstream.send("this is no TLS at all\r\n");
  ASSERT_TRUE(run_until([&] { return upstream.over(); }));
  ASSERT_TRUE(made_ && !*made_);
  EXPECT_EQ(made_->error().code, Code::upstream_tls);
  EXPECT_FALSE(upstream.saw_reset());
}

}  // namespace
}  // namespace sallyport::http
