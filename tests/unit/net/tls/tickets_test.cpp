// SPDX-License-Identifier: Apache-2.0
// Clients' certificates and sessions that are gone on with, by rules T-3 and T-4.
#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <ctime>
#include <memory>

#include "net/tls/ticket_keys.hpp"
#include "support/tls_test.hpp"

namespace sallyport::net::tls {
namespace {

struct FreeSession {
  void operator()(SSL_SESSION* session) const { SSL_SESSION_free(session); }
};
using Session = std::unique_ptr<SSL_SESSION, FreeSession>;

class TicketsTest : public support::TlsTest {
 protected:
  ServerPolicy mutual(ClientValidation clients) const { return {.clients = clients, .client_ca = authority_.pem()}; }
  support::TlsPeerSettings with(const support::Issued& issued, const char* name) const {
    return {.server_name = name, .certificate = issued.certificate, .key = issued.key};
  }
  // Another worker of the same process, whose clock says that the first span began so long ago, is at the door.
  std::unique_ptr<Library> serve_elsewhere(const std::string& name, const ServerPolicy& policy,
                                           std::chrono::hours later) {
    TicketSeed seed = seed_;
    seed.begin -= later;
    auto other = std::make_unique<Library>(seed);
    accepted_.reset();
    chooser_.choices.insert_or_assign(
        name, Choice{.context = context_for(*other, policy), .credentials = credentials_for(*other, issued_)});
    return other;
  }
  // A session that the client of a whole exchange has.
  Session session_with(const support::TlsPeerSettings& settings) {
    const auto socket = accept_from(settings);
    EXPECT_NE(socket, nullptr);
    if (socket == nullptr) return nullptr;
    std::optional<IoResult<void>> written;
    Task<void> writing = write_parts(*socket, "x", "", long_enough, written);
    writing.start();
    run_until([&] { return client_->text() == "x"; });
    return Session(client_->session());
  }
  // Whether it was gone on with; nothing when it was refused.
  std::optional<bool> resumed(support::TlsPeerSettings settings, const Session& session) {
    settings.session = session.get();
    const auto socket = accept_from(settings);
    if (socket == nullptr) return std::nullopt;
    EXPECT_EQ(SSL_session_reused(client_->ssl()) == 1, socket->tls()->resumed);
    return socket->tls()->resumed;
  }

  support::Issued client_certificate_ = authority_.issue({.common_name = "client", .names = "URI:spiffe://a/b"});
};

TEST_F(TicketsTest, T3ARequiredCertificateIsRequired) {
  serve("a.example", mutual(ClientValidation::require));
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    EXPECT_EQ(accept_from({.server_name = "a.example", .most = version}), nullptr);
    EXPECT_EQ(refused_for(), Reason::client_certificate);
  }
  const auto socket = accept_from(with(client_certificate_, "a.example"));
  ASSERT_NE(socket, nullptr);
  ASSERT_NE(socket->tls()->client, nullptr);
  EXPECT_EQ(socket->tls()->client->subject, "CN=client");
  EXPECT_EQ(socket->tls()->client->issuer, "CN=test authority");
  EXPECT_EQ(socket->tls()->client->names, std::vector<std::string>{"spiffe://a/b"});
  EXPECT_EQ(socket->tls()->client->fingerprint.size(), 64U);
}

TEST_F(TicketsTest, T3AnOptionalCertificateIsVerifiedWhenItIsThere) {
  serve("a.example", mutual(ClientValidation::optional));
  const auto without = accept_from({.server_name = "a.example"});
  ASSERT_NE(without, nullptr);
  EXPECT_EQ(without->tls()->client, nullptr);
  EXPECT_NE(accept_from(with(client_certificate_, "a.example"))->tls()->client, nullptr);
  EXPECT_EQ(accept_from(with(support::Authority("nobody").issue({}), "a.example")), nullptr);
  EXPECT_EQ(refused_for(), Reason::client_certificate);
}

TEST_F(TicketsTest, T3CertificatesThatShouldNotBeTrustedAreNot) {
  serve("a.example", mutual(ClientValidation::require));
  const std::vector<support::Issued> bad = {
      support::Authority("test authority").issue({}),  // of the same name, with another key
      support::self_signed({}),
      authority_.issue({.from_days = -10, .to_days = -1}),
      authority_.issue({.from_days = 1}),
      authority_.issue({.usage = "serverAuth"}),
      authority_.issue({.damaged = true}),
  };
  for (const support::Issued& issued : bad) {
    EXPECT_EQ(accept_from(with(issued, "a.example")), nullptr);
    EXPECT_EQ(refused_for(), Reason::client_certificate) << accepted_->error().detail;
  }
}

TEST_F(TicketsTest, T3ABrokenBundleIsNoPolicy) {
  for (const std::string bundle : {"", "nothing", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"}) {
    EXPECT_FALSE(ServerContext::make(library_, {.clients = ClientValidation::optional, .client_ca = bundle}));
  }
}

TEST_F(TicketsTest, T4ASessionIsGoneOnWith) {
  serve("a.example", {});
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    const support::TlsPeerSettings settings = {.server_name = "a.example", .most = version};
    const Session session = session_with(settings);
    EXPECT_EQ(resumed(settings, session), true) << version;
  }
}

TEST_F(TicketsTest, T4WhoComesWithATicketGoesWithAnother) {
  serve("a.example", {});
  support::TlsPeerSettings settings = {.server_name = "a.example"};
  Session session = session_with(settings);
  for (int i = 0; i < 3; ++i) {
    settings.session = session.get();
    const auto socket = accept_from(settings);
    ASSERT_NE(socket, nullptr);
    EXPECT_TRUE(socket->tls()->resumed) << i;
    client_->finish();  // asks for nothing
    ASSERT_TRUE(run_until([&] { return Session(client_->session()) != session; })) << i;
    session.reset(client_->session());
  }
}

TEST_F(TicketsTest, T4ASessionOfAClientKeepsItsCertificate) {
  serve("a.example", mutual(ClientValidation::require));
  const Session session = session_with(with(client_certificate_, "a.example"));
  support::TlsPeerSettings settings = {.server_name = "a.example", .session = session.get()};
  const auto socket = accept_from(settings);
  ASSERT_NE(socket, nullptr);
  EXPECT_TRUE(socket->tls()->resumed);
  ASSERT_NE(socket->tls()->client, nullptr);
  EXPECT_EQ(socket->tls()->client->subject, "CN=client");
}

TEST_F(TicketsTest, T4NoSessionCrossesPolicies) {
  const support::Authority other("other authority");
  serve("open.example", {});
  serve("optional.example", mutual(ClientValidation::optional));
  serve("required.example", mutual(ClientValidation::require));
  serve("other.example", {.clients = ClientValidation::require, .client_ca = other.pem()});
  const std::vector<const char*> names = {"open.example", "optional.example", "required.example", "other.example"};
  const support::Issued of_other = other.issue({});
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    for (const char* from : names) {
      support::TlsPeerSettings settings = with(from == names[3] ? of_other : client_certificate_, from);
      if (from == names[1]) settings.certificate = settings.key = "";
      settings.most = version;
      const Session session = session_with(settings);
      for (const char* to : names) {
        if (to == from) continue;
        support::TlsPeerSettings without = {.server_name = to, .most = version};
        const std::optional<bool> result = resumed(without, session);
        EXPECT_NE(result, true) << from << " " << to;
        const bool asks = to == names[2] || to == names[3];
        EXPECT_EQ(result.has_value(), !asks) << from << " " << to << ": refused where a certificate is required";
      }
    }
  }
}

// It was good when the session began: the first handshake is judged by a clock of five days ago.
TEST_F(TicketsTest, T4ACertificateThatIsOutOfDateByNowEndsItsSession) {
  serve("a.example", mutual(ClientValidation::optional));
  X509_VERIFY_PARAM* param = SSL_CTX_get0_param(chooser_.choices.at("a.example")->context->context());
  X509_VERIFY_PARAM_set_time(param, std::time(nullptr) - 5 * 24 * 60 * 60);
  const support::Issued expired = authority_.issue({.common_name = "client", .from_days = -10, .to_days = -1});
  const Session session = session_with(with(expired, "a.example"));
  ASSERT_NE(session, nullptr);
  EXPECT_EQ(resumed({.server_name = "a.example"}, session), false);
}

// However often it is gone on with; tickets that replace each other have times of their own.
TEST_F(TicketsTest, T4ASessionOfAClientsCertificateEndsADayAfterItBegan) {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    for (const bool shows_certificate : {true, false}) {
      const ServerPolicy policy = shows_certificate ? mutual(ClientValidation::require) : ServerPolicy();
      support::TlsPeerSettings settings = with(client_certificate_, "a.example");
      settings.most = version;
      serve("a.example", policy);
      const Session first = session_with(settings);
      std::optional<bool> at_last;
      {
        const auto noon = serve_elsewhere("a.example", policy, std::chrono::hours(13));
        settings.session = first.get();
        const Session second = session_with(settings);
        EXPECT_EQ(resumed(settings, first), true) << "within a day";
        accepted_.reset();
        chooser_.choices.clear();
        const auto tomorrow = serve_elsewhere("a.example", policy, std::chrono::hours(25));
        at_last = resumed(settings, second);
        accepted_.reset();
        chooser_.choices.clear();
      }
      EXPECT_EQ(at_last, !shows_certificate) << version;
    }
  }
}

// Another worker of the same process, whose clock says that the first span began so long ago.
TEST_F(TicketsTest, T4KeysMoveOnAndTwoOldOnesAreAccepted) {
  serve("a.example", {});
  const support::TlsPeerSettings settings = {.server_name = "a.example"};
  const Session session = session_with(settings);
  for (const int spans : {0, 1, 2, 3}) {
    TicketSeed seed = seed_;
    seed.begin -= spans * TicketKeys::span + std::chrono::minutes(1);
    Library other(seed);
    chooser_.choices.insert_or_assign(
        "a.example", Choice{.context = context_for(other, {}), .credentials = credentials_for(other, issued_)});
    const std::optional<bool> result = resumed(settings, session);
    EXPECT_EQ(result, spans < 3) << spans;
    accepted_.reset();
    chooser_.choices.clear();
  }
}

TEST_F(TicketsTest, T4OtherSeedsAcceptNothing) {
  serve("a.example", {});
  const support::TlsPeerSettings settings = {.server_name = "a.example"};
  const Session session = session_with(settings);
  Library other(TicketSeed::random());
  chooser_.choices.insert_or_assign(
      "a.example", Choice{.context = context_for(other, {}), .credentials = credentials_for(other, issued_)});
  EXPECT_EQ(resumed(settings, session), false);
  chooser_.choices.clear();
}

TEST(TicketKeys, AFormerSecretIsGoneAfterTwoSpans) {
  const TicketSeed seed = TicketSeed::random();
  TicketKeys keys(seed);
  const auto first = keys.derive("policy");
  EXPECT_FALSE(first[1].valid) << "there was none before";
  EXPECT_EQ(keys.span_at(seed.begin + TicketKeys::span), 1U);
  const auto second = keys.derive("policy");
  EXPECT_NE(second[0].name, first[0].name);
  EXPECT_EQ(second[1].name, first[0].name);
  EXPECT_EQ(second[1].cipher.bytes, first[0].cipher.bytes);
  EXPECT_EQ(keys.span_at(seed.begin + TicketKeys::span * 3), 3U);
  for (const auto& key : keys.derive("policy")) EXPECT_NE(key.name, first[0].name);
  EXPECT_EQ(keys.span_at(seed.begin), 3U) << "never back";
}

TEST(TicketKeys, EachPolicyHasItsOwn) {
  const TicketKeys keys(TicketSeed::random());
  EXPECT_NE(keys.derive("one")[0].name, keys.derive("two")[0].name);
  EXPECT_NE(keys.derive("one")[0].cipher.bytes, keys.derive("two")[0].cipher.bytes);
  EXPECT_NE(keys.derive("one")[0].cipher.bytes, keys.derive("one")[0].mac.bytes);
}

TEST(ServerPolicy, HasAnIdOfAllThatIsInIt) {
  const ServerPolicy plain;
  EXPECT_EQ(plain.id(), ServerPolicy().id());
  const std::vector<ServerPolicy> others = {
      {.least = Version::tls13}, {.most = Version::tls12},
      {.protocols = {"h2"}},     {.clients = ClientValidation::optional},
      {.client_ca = "x"},
  };
  for (const ServerPolicy& other : others) EXPECT_NE(other.id(), plain.id());
}

}  // namespace
}  // namespace sallyport::net::tls
