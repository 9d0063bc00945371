// SPDX-License-Identifier: Apache-2.0
// A fixture that accepts and connects with TLS on the test's loop, with certificates of its own.

#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "net/released.hpp"
#include "net/socket.hpp"
#include "net/tls/accept.hpp"
#include "net/tls/connect.hpp"
#include "support/descriptors.hpp"
#include "support/loop_test.hpp"
#include "support/pki.hpp"
#include "support/tls_peer.hpp"

namespace sallyport::support {

namespace tls = net::tls;

// By name, and for connections without a name if there is "".
class NamesChooser final : public tls::Chooser {
 public:
  std::expected<tls::Choice, tls::Reason> choose(const tls::ClientHello& hello) override {
    ++asked;
    last = hello;
    const auto found = choices.find(hello.server_name);
    if (found == choices.end()) return std::unexpected(tls::Reason::unknown_name);
    return found->second;
  }

  std::map<std::string, std::expected<tls::Choice, tls::Reason>> choices;
  int asked = 0;
  tls::ClientHello last;
};

struct TestOwner final : net::Socket::Owner {
  void on_readable() override { ++readable; }
  void on_gone() override { ++gone; }
  void on_deadline() override { ++deadlines; }
  void on_sent() override { ++sent; }

  int readable = 0;
  int gone = 0;
  int deadlines = 0;
  int sent = 0;
};

using AcceptResult = std::expected<tls::Accepted, tls::Refusal>;
using ConnectResult = std::expected<std::unique_ptr<tls::Stream>, tls::Refusal>;

class TlsTest : public LoopTest {
 protected:
  static constexpr net::Duration long_enough{20'000};

  net::Time later() const { return net::Clock::now() + long_enough; }

  static std::shared_ptr<tls::ServerContext> context_for(tls::Library& library, const tls::ServerPolicy& policy) {
    auto made = tls::ServerContext::make(library, policy);
    EXPECT_TRUE(made) << made.error().detail;
    return *made;
  }
  static std::shared_ptr<const tls::Credentials> credentials_for(tls::Library& library, const Issued& issued) {
    auto made = tls::Credentials::make(library, issued.certificate, issued.key);
    EXPECT_TRUE(made) << made.error().detail;
    return *made;
  }
  void serve(const std::string& name, const tls::ServerPolicy& policy) {
    chooser_.choices.insert_or_assign(
        name, tls::Choice{.context = context_for(library_, policy), .credentials = credentials_});
  }

  net::Task<void> keep_accepted(net::Fd fd, std::string early, tls::AcceptTimes times) {
    accepted_ = co_await tls::accept(loop_, library_, ledger_, std::move(fd), std::move(early), chooser_, times);
  }
  void start_accepting(net::Fd fd, tls::AcceptTimes times = {}, std::string early = {}) {
    accepted_.reset();
    accepting_ = keep_accepted(std::move(fd), std::move(early), times);
    accepting_.start();
  }
  // A whole handshake with a client; null when it was refused (see accepted_).
  std::unique_ptr<net::Socket> accept_from(const TlsPeerSettings& settings, tls::AcceptTimes times = {}) {
    Pair pair = tcp_pair();
    start_accepting(std::move(pair.one), times);
    client_.emplace(loop_, std::move(pair.other), settings);
    run_until([&] { return accepted_.has_value(); });
    if (!accepted_ || !*accepted_) {
      run_until([&] { return client_->over(); });
      return nullptr;
    }
    auto socket =
        std::make_unique<net::Socket>(loop_, std::move((*accepted_)->fd), &owner_, std::move((*accepted_)->stream));
    run_until([&] { return client_->established(); });
    return socket;
  }
  tls::Reason refused_for() const { return accepted_ && !*accepted_ ? accepted_->error().reason : tls::Reason::failed; }

  net::Task<void> keep_connected(net::Socket& socket, std::shared_ptr<const tls::ClientContext> context,
                                 net::Time deadline) {
    connected_ = co_await tls::connect(socket, std::move(context), deadline);
  }

  net::Task<void> read_some(net::Socket& socket, std::size_t room) {
    std::string buffer(room, '\0');
    read_ = co_await socket.read(buffer, later());
    if (*read_) text_.append(buffer, 0, **read_);
  }
  net::Task<void> read_all(net::Socket& socket, std::size_t room) {
    do {
      co_await read_some(socket, room);
    } while (*read_ && **read_ != 0);
  }
  static net::Task<void> write_parts(net::Socket& socket, std::string first, std::string second, net::Duration stall,
                                     std::optional<net::IoResult<void>>& done) {
    done = co_await socket.write(first, second, stall);
  }

  Authority authority_{"test authority"};
  Issued issued_ = authority_.issue({.names = "DNS:localhost,DNS:*.example.com"});
  tls::TicketSeed seed_ = tls::TicketSeed::random();
  tls::Library library_{seed_};
  std::shared_ptr<const tls::Credentials> credentials_ = credentials_for(library_, issued_);
  net::Ledger ledger_{1 << 20};
  NamesChooser chooser_;
  std::optional<AcceptResult> accepted_;
  std::optional<ConnectResult> connected_;
  net::Task<void> accepting_;
  std::optional<TlsPeer> client_;
  TestOwner owner_;
  std::optional<net::IoResult<std::size_t>> read_;
  std::string text_;
};

}  // namespace sallyport::support
