// SPDX-License-Identifier: Apache-2.0
// Clients whose certificates were revoked (T-7).

#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <string>
#include <vector>

#include "support/tls_test.hpp"

namespace sallyport::net::tls {
namespace {

class RevocationTest : public support::TlsTest {
 protected:
  // Clients have to show a certificate of the clients' authority that none of these lists names.
  void serve_with(const std::string& lists, const std::string& more_authorities = "") {
    serve("", {.clients = ClientValidation::require,
               .client_ca = clients_.pem() + more_authorities,
               .client_revoked = lists});
  }
  bool is_let_in(const support::Issued& client, int version, ssl_session_st* session = nullptr) {
    const auto socket = accept_from(
        {.certificate = client.certificate, .key = client.key, .least = version, .most = version, .session = session});
    resumed_ = socket != nullptr && socket->tls()->resumed;
    return socket != nullptr;
  }
  // Of the last handshake.
  std::string why() const { return accepted_ && !*accepted_ ? accepted_->error().detail : ""; }

  support::Authority clients_{"clients"};
  support::Issued known_ = clients_.issue({.common_name = "known"});
  support::Issued former_ = clients_.issue({.common_name = "former"});
  bool resumed_ = false;
};

TEST_F(RevocationTest, T7WhoIsRevokedIsNotLetIn) {
  serve_with(clients_.revocations({former_.certificate}));
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    EXPECT_TRUE(is_let_in(known_, version)) << why();
    EXPECT_FALSE(is_let_in(former_, version));
    EXPECT_EQ(refused_for(), Reason::client_certificate);
    EXPECT_EQ(why(), "certificate revoked");
  }
}

TEST_F(RevocationTest, T7AListThatIsOutOfDateLetsNobodyIn) {
  serve_with(clients_.revocations({former_.certificate}, 0));
  EXPECT_FALSE(is_let_in(known_, TLS1_3_VERSION));
  EXPECT_EQ(why(), "CRL has expired");
}

TEST_F(RevocationTest, T7WhoSignedAClientHasToHaveAList) {
  const support::Authority others("others");
  serve_with(clients_.revocations({}), others.pem());
  EXPECT_TRUE(is_let_in(known_, TLS1_3_VERSION)) << why();
  EXPECT_FALSE(is_let_in(others.issue({}), TLS1_3_VERSION));
  EXPECT_EQ(why(), "unable to get certificate CRL");
}

TEST_F(RevocationTest, T7AListThatAnotherSignedIsNone) {
  const support::Authority same_name("clients");
  serve_with(same_name.revocations({}));
  EXPECT_FALSE(is_let_in(known_, TLS1_3_VERSION));
}

TEST_F(RevocationTest, T7AnAuthorityBelowIsJudgedWhereThereIsAListAboveIt) {
  const support::Authority below(clients_, {.common_name = "below",
                                            .names = "",
                                            .usage = "",
                                            .key_usage = "critical,keyCertSign,cRLSign",
                                            .authority = true});
  const support::Issued client = below.issue({.common_name = "client"});
  const support::Issued shown{.certificate = client.certificate + below.pem(), .key = client.key};
  serve("", {.clients = ClientValidation::require, .client_ca = below.pem(), .client_revoked = below.revocations({})});
  EXPECT_TRUE(is_let_in(shown, TLS1_3_VERSION)) << why() << ": nobody above it is known";
  serve_with(below.revocations({}), below.pem());
  EXPECT_TRUE(is_let_in(shown, TLS1_3_VERSION)) << why();
  serve_with(below.revocations({}) + clients_.revocations({}), below.pem());
  EXPECT_TRUE(is_let_in(shown, TLS1_3_VERSION)) << why();
  serve_with(below.revocations({}) + clients_.revocations({below.pem()}));
  EXPECT_FALSE(is_let_in(shown, TLS1_3_VERSION));
  EXPECT_EQ(why(), "certificate revoked");
}

TEST_F(RevocationTest, T7AnotherListEndsSessions) {
  serve_with(clients_.revocations({}));
  ASSERT_TRUE(is_let_in(known_, TLS1_3_VERSION));
  const auto has_ticket = [&] {
    SSL_SESSION* const now = client_->session();
    const bool has = SSL_SESSION_has_ticket(now) == 1;
    SSL_SESSION_free(now);
    return has;
  };
  ASSERT_TRUE(run_until(has_ticket));
  SSL_SESSION* session = client_->session();
  ASSERT_TRUE(is_let_in(known_, TLS1_3_VERSION, session));
  EXPECT_TRUE(resumed_);
  serve_with(clients_.revocations({known_.certificate}));
  EXPECT_FALSE(is_let_in(known_, TLS1_3_VERSION, session));
  SSL_SESSION_free(session);
}

TEST_F(RevocationTest, T7ABrokenListIsNoPolicy) {
  const auto made = ServerContext::make(
      library_, {.clients = ClientValidation::require, .client_ca = clients_.pem(), .client_revoked = "no list"});
  ASSERT_FALSE(made.has_value());
  EXPECT_EQ(made.error().detail, "has no revocation list in PEM (-----BEGIN X509 CRL-----)");
}

}  // namespace
}  // namespace sallyport::net::tls
