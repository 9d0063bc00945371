// SPDX-License-Identifier: Apache-2.0
// Handshakes with upstreams, by rule T-6: whom we take for the upstream.
#include "net/tls/connect.hpp"

#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <string>
#include <vector>

#include "support/peer.hpp"
#include "support/tls_test.hpp"

namespace sallyport::net::tls {
namespace {

using support::Authority;
using support::Issued;
using support::Wanted;

class UpstreamTlsTest : public support::TlsTest {
 protected:
  std::shared_ptr<const ClientContext> context(const UpstreamSettings& settings) {
    auto made = ClientContext::make(library_, settings);
    EXPECT_TRUE(made) << made.error().detail;
    return *made;
  }

  // True: we took it for the upstream.
  bool connect_to(const support::TlsPeerSettings& upstream, const UpstreamSettings& settings) {
    support::Pair pair = support::tcp_pair();
    support::TlsPeerSettings server = upstream;
    server.server = true;
    upstream_.emplace(loop_, std::move(pair.one), server);
    socket_.emplace(loop_, std::move(pair.other), &owner_);
    connected_.reset();
    connecting_ = keep_connected(*socket_, context(settings), later());
    connecting_.start();
    run_until([&] { return connected_.has_value(); });
    if (!connected_ || !*connected_) return false;
    socket_->start_tls(std::move(**connected_));
    run_until([&] { return upstream_->established() || upstream_->over(); });
    return true;
  }
  bool trusts(const Issued& issued, const UpstreamSettings& settings) {
    return connect_to({.certificate = issued.certificate, .key = issued.key}, settings);
  }
  bool trusts(const Issued& issued) {
    return trusts(issued, {.server_name = "upstream.example.com", .ca = authority_.pem()});
  }
  const std::string& reason() const { return (*connected_).error().detail; }

  static Wanted good() { return {.common_name = "leaf", .names = "DNS:upstream.example.com"}; }
  // A good one, but for what `change` does to it.
  template <class Change>
  Issued leaf(Change change) {
    Wanted wanted = good();
    change(wanted);
    return authority_.issue(wanted);
  }

  std::optional<support::TlsPeer> upstream_;
  std::optional<Socket> socket_;
  Task<void> connecting_;
};

TEST_F(UpstreamTlsTest, T6AGoodCertificateIsTrusted) {
  EXPECT_TRUE(trusts(authority_.issue(good()))) << reason();
  EXPECT_EQ(socket_->tls()->version, "TLSv1.3");
  EXPECT_STREQ(SSL_get_servername(upstream_->ssl(), TLSEXT_NAMETYPE_host_name), "upstream.example.com");
  EXPECT_TRUE(trusts(leaf([](Wanted& wanted) { wanted.names = "DNS:*.example.com"; }))) << reason();
  EXPECT_TRUE(trusts(leaf([](Wanted& wanted) { wanted.names = "DNS:UPSTREAM.Example.COM"; }))) << reason();
  EXPECT_TRUE(trusts(leaf([](Wanted& wanted) { wanted.usage = ""; }))) << reason();
  EXPECT_TRUE(trusts(leaf([](Wanted& wanted) { wanted.key = "RSA-2048"; }))) << reason();
}

TEST_F(UpstreamTlsTest, T6TwentyBadLeavesAreNot) {
  using namespace std::string_literals;
  const Authority impostor("test authority");
  const Authority not_an_authority(authority_, {.common_name = "leaf", .names = "DNS:upstream.example.com"});
  const Authority expired(authority_, {.common_name = "expired",
                                       .names = "",
                                       .usage = "",
                                       .key_usage = "critical,keyCertSign",
                                       .from_days = -20,
                                       .to_days = -1,
                                       .authority = true});
  const Authority limited(authority_, {.common_name = "limited",
                                       .names = "",
                                       .usage = "",
                                       .key_usage = "critical,keyCertSign",
                                       .constraints = "critical,permitted;DNS:other.example",
                                       .authority = true});
  const auto below = [](const Authority& above) {
    Issued issued = above.issue(good());
    issued.certificate += above.pem();
    return issued;
  };
  struct Bad {
    const char* what;
    Issued issued;
  };
  const std::vector<Bad> all = {
      {"of nobody", support::self_signed(good())},
      {"of an authority with the same name", impostor.issue(good())},
      {"of an authority that sends itself along", below(impostor)},
      {"of a leaf", below(not_an_authority)},
      {"of an authority that expired", below(expired)},
      {"of an authority for other names", below(limited)},
      {"expired", leaf([](Wanted& wanted) { wanted.from_days = -10, wanted.to_days = -1; })},
      {"of tomorrow", leaf([](Wanted& wanted) { wanted.from_days = 1; })},
      {"for clients", leaf([](Wanted& wanted) { wanted.usage = "clientAuth"; })},
      {"for mail", leaf([](Wanted& wanted) { wanted.usage = "emailProtection"; })},
      {"of a key that may not sign", leaf([](Wanted& wanted) { wanted.key_usage = "critical,keyCertSign"; })},
      {"damaged", leaf([](Wanted& wanted) { wanted.damaged = true; })},
      {"signed with SHA-1", leaf([](Wanted& wanted) { wanted.sha1 = true; })},
      {"of a short key", leaf([](Wanted& wanted) { wanted.key = "RSA-1024"; })},
      {"of another name", leaf([](Wanted& wanted) { wanted.names = "DNS:other.example.com"; })},
      {"of a name below", leaf([](Wanted& wanted) { wanted.names = "DNS:a.upstream.example.com"; })},
      {"of a wildcard above", leaf([](Wanted& wanted) { wanted.names = "DNS:*.com"; })},
      {"of a wildcard over two labels", leaf([](Wanted& wanted) { wanted.names = "DNS:*.*.com"; })},
      {"of a wildcard inside a label", leaf([](Wanted& wanted) { wanted.names = "DNS:up*.example.com"; })},
      {"of a wildcard that is not the first label", leaf([](Wanted& wanted) { wanted.names = "DNS:upstream.*.com"; })},
      {"of a common name only", leaf([](Wanted& wanted) {
         wanted.common_name = "upstream.example.com";
         wanted.names = "";
       })},
      {"of a name with NUL in it", leaf([](Wanted& wanted) {
         wanted.names = "";
         wanted.raw_name = "upstream.example.com\0.attacker.example"s;
       })},
      {"of a name with NUL behind it", leaf([](Wanted& wanted) {
         wanted.names = "";
         wanted.raw_name = "upstream.example.com\0"s;
       })},
      {"of a name with a space behind it", leaf([](Wanted& wanted) {
         wanted.names = "";
         wanted.raw_name = "upstream.example.com ";
       })},
      {"of an address that is written as a name", leaf([](Wanted& wanted) { wanted.names = "IP:192.0.2.1"; })},
  };
  for (const Bad& bad : all) {
    EXPECT_FALSE(trusts(bad.issued)) << bad.what;
    if (!connected_ || *connected_) continue;
    EXPECT_EQ(connected_->error().reason, Reason::untrusted) << bad.what << ": " << reason();
    run_until([&] { return upstream_->over(); });
    EXPECT_FALSE(upstream_->established()) << bad.what << ": it hears of it before it is spoken to";
  }
}

TEST_F(UpstreamTlsTest, T6AnyOfTheNamesThatAreGivenWillDo) {
  const Issued issued = authority_.issue({.names = "DNS:b.example,IP:192.0.2.1,URI:spiffe://cluster/b"});
  const auto with = [&](std::vector<std::string> sans) {
    return trusts(issued, {.server_name = "upstream.example.com", .sans = std::move(sans), .ca = authority_.pem()});
  };
  EXPECT_TRUE(with({"b.example"}));
  EXPECT_TRUE(with({"a.example", "b.example"}));
  EXPECT_TRUE(with({"a.example", "192.0.2.1"}));
  EXPECT_TRUE(with({"spiffe://cluster/b"}));
  EXPECT_FALSE(with({"a.example"}));
  EXPECT_FALSE(with({"192.0.2.2"}));
  EXPECT_FALSE(with({"spiffe://cluster/a"}));
  EXPECT_FALSE(with({"spiffe://cluster/"}));
}

TEST_F(UpstreamTlsTest, T6AnAddressIsComparedAsOneAndNotSentAsName) {
  const Issued issued = authority_.issue({.names = "IP:192.0.2.1,IP:2001:db8::1,DNS:192.0.2.2"});
  EXPECT_TRUE(trusts(issued, {.server_name = "192.0.2.1", .ca = authority_.pem()}));
  EXPECT_EQ(SSL_get_servername(upstream_->ssl(), TLSEXT_NAMETYPE_host_name), nullptr);
  EXPECT_TRUE(trusts(issued, {.server_name = "2001:db8::1", .ca = authority_.pem()}));
  EXPECT_FALSE(trusts(issued, {.server_name = "192.0.2.2", .ca = authority_.pem()}));
}

TEST_F(UpstreamTlsTest, T6AnAuthorityBelowAnotherIsTrustedWhenItIsNamed) {
  const Authority below(
      authority_,
      {.common_name = "below", .names = "", .usage = "", .key_usage = "critical,keyCertSign", .authority = true});
  Issued issued = below.issue(good());
  EXPECT_TRUE(trusts(issued, {.server_name = "upstream.example.com", .ca = below.pem()})) << reason();
  EXPECT_FALSE(trusts(issued)) << "nobody sent what is between";
  issued.certificate += below.pem();
  EXPECT_TRUE(trusts(issued));
}

TEST_F(UpstreamTlsTest, T6NobodyIsTrustedByDefaultThatTheSystemDoesNot) {
  EXPECT_FALSE(trusts(authority_.issue(good()), {.server_name = "upstream.example.com"}));
  EXPECT_EQ(connected_->error().reason, Reason::untrusted);
}

TEST_F(UpstreamTlsTest, T6VerifyingCanBeSwitchedOff) {
  EXPECT_TRUE(trusts(support::self_signed({}), {.server_name = "upstream.example.com", .verify = false}));
}

TEST_F(UpstreamTlsTest, T6AServerNameThatCannotBeSentIsAnError) {
  using namespace std::string_literals;
  for (const std::string& name : {""s, std::string(300, 'a'), "a\0b"s, "a b"s, "*.example"s, "a:443"s}) {
    EXPECT_FALSE(ClientContext::make(library_, {.server_name = name, .ca = authority_.pem()})) << name;
  }
  EXPECT_FALSE(ClientContext::make(library_, {.server_name = "a.example", .sans = {""}, .ca = authority_.pem()}));
  EXPECT_FALSE(ClientContext::make(library_, {.server_name = "a.example", .ca = "no certificate"}));
}

TEST_F(UpstreamTlsTest, ShowsACertificateToWhoAsks) {
  const Issued ours = authority_.issue({.common_name = "gateway"});
  const Issued issued = authority_.issue(good());
  UpstreamSettings settings = {.server_name = "upstream.example.com", .ca = authority_.pem()};
  const support::TlsPeerSettings asking = {
      .certificate = issued.certificate, .key = issued.key, .ca = authority_.pem()};
  settings.credentials = credentials_for(library_, ours);
  EXPECT_TRUE(connect_to(asking, settings));
  settings.credentials = nullptr;
  if (connect_to(asking, settings)) {  // TLS 1.3 tells the client later
    Task<void> reading = read_some(*socket_, 10);
    reading.start();
    run_until([&] { return reading.done(); });
    EXPECT_EQ(read_, std::unexpected(IoError::reset));
  }
}

TEST_F(UpstreamTlsTest, AgreesOnAProtocol) {
  const Issued issued = authority_.issue(good());
  UpstreamSettings settings = {.server_name = "upstream.example.com", .ca = authority_.pem()};
  settings.protocols = {"h2", "http/1.1"};
  EXPECT_TRUE(trusts(issued, settings));
  EXPECT_EQ(socket_->tls()->alpn, "h2");
}

TEST_F(UpstreamTlsTest, OldVersionsAreRefused) {
  const Issued issued = authority_.issue(good());
  EXPECT_FALSE(connect_to(
      {.certificate = issued.certificate, .key = issued.key, .most = TLS1_1_VERSION, .ciphers = "ALL:@SECLEVEL=0"},
      {.server_name = "upstream.example.com", .ca = authority_.pem()}));
  EXPECT_EQ(connected_->error().reason, Reason::peer_alert);
  EXPECT_TRUE(connect_to({.certificate = issued.certificate, .key = issued.key, .most = TLS1_2_VERSION},
                         {.server_name = "upstream.example.com", .ca = authority_.pem()}));
}

TEST_F(UpstreamTlsTest, AnUpstreamThatSpeaksNoTlsOrNothingIsNoUpstream) {
  for (const bool speaks : {true, false}) {
    support::Pair pair = support::tcp_pair();
    support::Peer peer(loop_, std::move(pair.one));
    Socket socket(loop_, std::move(pair.other), nullptr);
    connected_.reset();
    connecting_ = keep_connected(socket, context({.server_name = "a.example", .verify = false}),
                                 speaks ? later() : Clock::now() + Duration(30));
    connecting_.start();
    if (speaks) peer.send("HTTP/1.1 400 Bad Request\r\n\r\n");
    run_until([&] { return connected_.has_value(); });
    ASSERT_FALSE(*connected_);
    EXPECT_EQ(connected_->error().reason, speaks ? Reason::no_version : Reason::timeout) << reason();
    connecting_.reset();
  }
}

TEST_F(UpstreamTlsTest, TicketsOfAnUpstreamAreNobodysBytes) {
  EXPECT_TRUE(trusts(authority_.issue(good())));
  upstream_->send("");
  run_past(Clock::now() + Duration(20));  // they are there by now, or come with the next bytes
  EXPECT_EQ(owner_.readable, 0);
  EXPECT_FALSE(socket_->readable());
  upstream_->send("x");
  run_until([&] { return owner_.readable == 1; });
  EXPECT_TRUE(socket_->readable());
}

}  // namespace
}  // namespace sallyport::net::tls
