// SPDX-License-Identifier: Apache-2.0
// Handshakes with clients, by rules T-1, T-3, T-5, T-8 and T-10.
#include "net/tls/accept.hpp"

#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>

#include <string>
#include <vector>

#include "support/peer.hpp"
#include "support/tls_test.hpp"
#include "syntax/certificate.hpp"

namespace sallyport::net::tls {
namespace {

class AcceptTest : public support::TlsTest {
 protected:
  AcceptTest() { serve("", {.protocols = {"h2", "http/1.1"}}); }
};

TEST_F(AcceptTest, TellsWhatWasAgreed) {
  serve("www.example.com", {.protocols = {"h2", "http/1.1"}});
  const auto socket = accept_from({.server_name = "WWW.example.com.", .protocols = "\x08http/1.1\x02h2"});
  ASSERT_NE(socket, nullptr);
  const Facts& facts = *socket->tls();
  EXPECT_EQ(facts.version, "TLSv1.3");
  EXPECT_EQ(facts.cipher, "TLS_AES_128_GCM_SHA256");
  EXPECT_EQ(facts.alpn, "h2") << "ours come first";
  EXPECT_EQ(facts.server_name, "www.example.com");
  EXPECT_EQ(facts.policy, (ServerPolicy{.protocols = {"h2", "http/1.1"}}.id()));
  EXPECT_FALSE(facts.resumed);
  EXPECT_EQ(facts.client, nullptr);
}

TEST_F(AcceptTest, T1SpeaksTls12And13) {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    const auto socket = accept_from({.least = version, .most = version});
    ASSERT_NE(socket, nullptr) << version;
    EXPECT_EQ(socket->tls()->version, version == TLS1_2_VERSION ? "TLSv1.2" : "TLSv1.3");
  }
}

TEST_F(AcceptTest, T1RefusesOlderVersions) {
  for (const int version : {TLS1_VERSION, TLS1_1_VERSION}) {
    EXPECT_EQ(accept_from({.least = version, .most = version, .ciphers = "ALL:@SECLEVEL=0"}), nullptr);
    EXPECT_EQ(refused_for(), Reason::no_version);
    EXPECT_EQ(client_->failure(), "tlsv1 alert protocol version");
  }
}

TEST_F(AcceptTest, T1RefusesCiphersWithoutForwardSecrecyOrAead) {
  for (const std::string ciphers : {"AES128-GCM-SHA256", "ECDHE-ECDSA-AES128-SHA256", "ECDHE-ECDSA-AES256-SHA",
                                    "DHE-RSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES128-CCM8", "aNULL", "eNULL"}) {
    EXPECT_EQ(accept_from({.most = TLS1_2_VERSION, .ciphers = ciphers + ":@SECLEVEL=0"}), nullptr) << ciphers;
    EXPECT_EQ(refused_for(), Reason::no_version) << ciphers;
  }
}

TEST_F(AcceptTest, T1TakesEveryGoodCipher) {
  for (const std::string ciphers :
       {"ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-ECDSA-CHACHA20-POLY1305"}) {
    EXPECT_NE(accept_from({.most = TLS1_2_VERSION, .ciphers = ciphers}), nullptr) << ciphers;
  }
}

TEST_F(AcceptTest, T1APolicyMayAskForMore) {
  serve("new.example", {.least = Version::tls13});
  serve("old.example", {.most = Version::tls12});
  EXPECT_EQ(accept_from({.server_name = "new.example", .most = TLS1_2_VERSION}), nullptr);
  EXPECT_EQ(refused_for(), Reason::no_version);
  EXPECT_EQ(accept_from({.server_name = "old.example"})->tls()->version, "TLSv1.2");
}

TEST_F(AcceptTest, T1DoesNotRenegotiate) {
  const auto socket = accept_from({.most = TLS1_2_VERSION});
  ASSERT_NE(socket, nullptr);
  SSL_renegotiate(client_->ssl());
  SSL_do_handshake(client_->ssl());
  client_->send("x");
  Task<void> reading = read_all(*socket, 100);
  reading.start();
  run_until([&] { return client_->over(); });
  EXPECT_EQ(client_->failure(), "no renegotiation");
  EXPECT_EQ(text_, "");
}

TEST_F(AcceptTest, T3TheNameChoosesAndAnUnknownOneIsRefused) {
  const support::Issued other = authority_.issue({.common_name = "other", .names = "DNS:other.example"});
  chooser_.choices.insert_or_assign(
      "other.example", Choice{.context = context_for(library_, {}), .credentials = credentials_for(library_, other)});
  ASSERT_NE(accept_from({.server_name = "other.example"}), nullptr);
  X509* shown = SSL_get1_peer_certificate(client_->ssl());
  EXPECT_EQ(X509_check_host(shown, "other.example", 0, 0, nullptr), 1);
  X509_free(shown);

  EXPECT_EQ(accept_from({.server_name = "unknown.example"}), nullptr);
  EXPECT_EQ(refused_for(), Reason::unknown_name);
  EXPECT_EQ(client_->failure(), "tlsv1 unrecognized name");
}

TEST_F(AcceptTest, T3ABrokenPolicyIsRefused) {
  chooser_.choices.insert_or_assign("broken.example", std::unexpected(Reason::no_policy));
  EXPECT_EQ(accept_from({.server_name = "broken.example"}), nullptr);
  EXPECT_EQ(client_->failure(), "sslv3 alert handshake failure");
}

// A man in between, who has the client's ClientHello and passes on what he likes.
class BetweenTest : public AcceptTest {
 protected:
  BetweenTest() {
    support::Pair inner = support::tcp_pair();
    client_.emplace(loop_, std::move(inner.other), support::TlsPeerSettings());
    from_client_.emplace(loop_, std::move(inner.one));
    to_server_.emplace(loop_, std::move(pair_.other));
    client_->send("");
    run_until([&] { return from_client_->text().size() > 100; });
    hello_ = from_client_->take();
  }
  // Passes on all from now on, until the server has an opinion.
  void pass_on() {
    run_until([&] {
      from_client_->send(to_server_->take());
      to_server_->send(from_client_->take());
      return accepted_.has_value();
    });
  }

  support::Pair pair_ = support::tcp_pair();
  std::optional<support::Peer> from_client_;
  std::optional<support::Peer> to_server_;
  std::string hello_;
};

TEST_F(BetweenTest, T5AClientHelloMayComeByteByByteInRecordsOfOneByte) {
  start_accepting(std::move(pair_.one));
  for (std::size_t i = 5; i < hello_.size(); ++i) {
    to_server_->send(std::string("\x16\x03\x01\x00\x01", 5));
    if (i % 16 == 0) turn(3);
    EXPECT_EQ(chooser_.asked, 0) << "of a part";
    to_server_->send(hello_.substr(i, 1));
  }
  run_until([&] { return !to_server_->text().empty(); });
  EXPECT_EQ(chooser_.asked, 1) << "of the whole";
  pass_on();
  EXPECT_TRUE(*accepted_) << accepted_->error().detail;
}

TEST_F(AcceptTest, T5AClientHelloHasItsTime) {
  support::Pair pair = support::tcp_pair();
  support::Peer peer(loop_, std::move(pair.other));
  const Time begin = loop_.now();
  start_accepting(std::move(pair.one), {.hello = Duration(50), .total = Duration(20'000)});
  peer.send(std::string("\x16\x03\x01\x02", 4));
  run_until([&] { return accepted_.has_value(); });
  EXPECT_EQ(refused_for(), Reason::timeout);
  EXPECT_GE(loop_.now() - begin, Duration(50));
  run_until([&] { return peer.over(); });
}

TEST_F(BetweenTest, AHandshakeHasItsTimeInAll) {
  start_accepting(std::move(pair_.one), {.hello = Duration(20'000), .total = Duration(80)});
  to_server_->send(hello_);  // and never what must follow
  run_until([&] { return accepted_.has_value(); });
  EXPECT_EQ(refused_for(), Reason::timeout);
}

TEST_F(BetweenTest, AClientThatEndsWithinTheHandshakeIsGone) {
  start_accepting(std::move(pair_.one));
  to_server_->send(hello_);
  to_server_->finish();
  run_until([&] { return accepted_.has_value(); });
  EXPECT_EQ(refused_for(), Reason::gone);
}

TEST_F(BetweenTest, BytesThatWereReadAlreadyComeFirst) {
  start_accepting(std::move(pair_.one), {}, hello_.substr(0, 20));
  to_server_->send(hello_.substr(20));
  pass_on();
  EXPECT_TRUE(*accepted_);
}

TEST_F(AcceptTest, WhatIsNoTlsIsToldSo) {
  support::Pair pair = support::tcp_pair();
  support::Peer peer(loop_, std::move(pair.other));
  start_accepting(std::move(pair.one));
  peer.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  run_until([&] { return accepted_.has_value() && peer.over(); });
  EXPECT_EQ(refused_for(), Reason::not_tls);
  EXPECT_EQ(peer.text(), "");
}

TEST_F(AcceptTest, ABadClientHelloIsToldSo) {
  support::Pair pair = support::tcp_pair();
  support::Peer peer(loop_, std::move(pair.other));
  start_accepting(std::move(pair.one));
  peer.send(std::string("\x16\x03\x01\x00\x00", 5));
  run_until([&] { return accepted_.has_value() && peer.over(); });
  EXPECT_EQ(refused_for(), Reason::bad_hello);
  EXPECT_EQ(peer.text(), std::string("\x15\x03\x03\x00\x02\x02\x32", 7)) << "decode_error";
}

TEST_F(AcceptTest, AClientThatIsGoneIsNoMore) {
  for (const bool rudely : {true, false}) {
    support::Pair pair = support::tcp_pair();
    support::Peer peer(loop_, std::move(pair.other));
    start_accepting(std::move(pair.one));
    peer.send("\x16\x03");
    turn();
    rudely ? peer.reset() : peer.finish();
    run_until([&] { return accepted_.has_value(); });
    EXPECT_EQ(refused_for(), Reason::gone);
  }
}

TEST_F(AcceptTest, T8AnAlpnThatNobodySpeaksIsRefused) {
  EXPECT_EQ(accept_from({.protocols = "\x03"
                                      "ftp\x04smtp"}),
            nullptr);
  EXPECT_EQ(refused_for(), Reason::no_protocol);
  EXPECT_EQ(client_->failure(), "tlsv1 alert no application protocol");
  const auto silent = accept_from({});
  ASSERT_NE(silent, nullptr) << "who names none speaks what was there before";
  EXPECT_EQ(silent->tls()->alpn, "");
}

// Also of a client that never comes to its end.
TEST_F(AcceptTest, T10BytesOfAClientHelloAreCharged) {
  support::Pair pair = support::tcp_pair();
  support::Peer peer(loop_, std::move(pair.other));
  start_accepting(std::move(pair.one));
  const std::string part = std::string("\x16\x03\x01\x40\x00\x01\x00\x3f\xfc", 9) + std::string(10'000, 'x');
  peer.send(part);
  run_until([&] { return ledger_.held() >= 2 * part.size(); });
}

TEST_F(AcceptTest, T10WhatFindsNoRoomForItsClientHelloIsToldSo) {
  ASSERT_TRUE(ledger_.charge((1 << 20) - 100));
  EXPECT_EQ(accept_from({}), nullptr);
  EXPECT_EQ(refused_for(), Reason::overloaded);
  EXPECT_EQ(client_->failure(), "tlsv1 alert internal error");
  EXPECT_EQ(chooser_.asked, 0);
}

// More may come with it than belongs to it.
TEST_F(AcceptTest, T10NoMoreIsReadThanAClientHelloMayHave) {
  support::Pair pair = support::tcp_pair();
  support::Peer peer(loop_, std::move(pair.other));
  peer.send(std::string("\x16\x03\x01\x00\x04\x01\x00\x3f\xfc", 9) + std::string(60'000, '\x16'));
  start_accepting(std::move(pair.one));
  run_until([&] { return accepted_.has_value(); });
  EXPECT_EQ(refused_for(), Reason::not_tls);
  EXPECT_LE(ledger_.held(), 2 * longest_hello_on_wire);
}

// What the configuration takes makes handshakes.
TEST_F(AcceptTest, T1EveryKindOfKeyThatIsTakenShakesHands) {
  for (const char* key : {"P-256", "P-384", "P-521", "RSA-2048", "ED25519", "ED448"}) {
    const support::Issued pair = support::self_signed({.key = key});
    const auto read = syntax::read_chain(pair.certificate);
    ASSERT_TRUE(read) << read.error().detail;
    const support::Issued issued = {.certificate = read->pem, .key = pair.key};
    chooser_.choices.insert_or_assign(
        "", Choice{.context = context_for(library_, {}), .credentials = credentials_for(library_, issued)});
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
      EXPECT_NE(accept_from({.most = version}), nullptr) << version << " " << key;
    }
  }
}

TEST_F(AcceptTest, AnAcceptThatIsDroppedEndsTheConnection) {
  support::Pair pair = support::tcp_pair();
  support::Peer peer(loop_, std::move(pair.other));
  start_accepting(std::move(pair.one));
  turn();
  accepting_.reset();
  run_until([&] { return peer.over(); });
}

TEST_F(AcceptTest, CredentialsThatDoNotFitAreRefusedWithoutAByteOfTheKey) {
  const support::Issued other = authority_.issue({});
  const auto mixed = Credentials::make(library_, issued_.certificate, other.key);
  ASSERT_FALSE(mixed);
  EXPECT_EQ(mixed.error().detail, "the private key is not that of the certificate");
  EXPECT_FALSE(Credentials::make(library_, issued_.certificate, "no key"));
  EXPECT_FALSE(Credentials::make(library_, "no certificate", issued_.key));
  std::string cut = issued_.certificate;
  cut.resize(cut.size() / 2);
  EXPECT_FALSE(Credentials::make(library_, cut, issued_.key));
  EXPECT_FALSE(Credentials::make(library_, issued_.certificate + cut, issued_.key)) << "all of the chain must be read";
}

}  // namespace
}  // namespace sallyport::net::tls
