// SPDX-License-Identifier: Apache-2.0
#include "filters/https_redirect.hpp"

#include "filters/forwarded_headers.hpp"
#include "unit/filters/filter_test.hpp"

namespace sallyport::filters {
namespace {

class HttpsRedirectTest : public FilterTest {
 protected:
  void ask(std::string_view host, std::uint16_t port, std::string_view path, const char* query = nullptr) {
    http::RequestHead& head = incoming_.request.head;
    head.host = host;
    head.port = port;
    head.path = path;
    head.has_query = query != nullptr;
    head.query = query == nullptr ? "" : query;
  }
  void run_with(const model::HttpsRedirect& settings) { run({std::make_shared<HttpsRedirect>(settings)}); }
  // Empty: it went on.
  std::string location() {
    if (end_.reached != 0) return {};
    EXPECT_TRUE(result_->has_value());
    EXPECT_EQ((*result_)->head.status, 308);
    for (const http::Field& field : (*result_)->head.fields) {
      if (field.name == "Location") return std::string(field.value);
    }
    return "no Location";
  }
};

TEST_F(HttpsRedirectTest, KeepsHostPathAndQuery) {
  ask("shop.test", 0, "/cart/a%2Fb", "x=1&y=?");
  run_with({});
  EXPECT_EQ(location(), "https://shop.test/cart/a%2Fb?x=1&y=?");
}

TEST_F(HttpsRedirectTest, AnEmptyQueryStaysOne) {
  ask("shop.test", 0, "/", "");
  run_with({});
  EXPECT_EQ(location(), "https://shop.test/?");
}

TEST_F(HttpsRedirectTest, RunsOfSlashesStayAsTheyCame) {
  ask("shop.test", 0, "/a/b");
  incoming_.request.head.unmerged_path = "//a//b";
  run_with({});
  EXPECT_EQ(location(), "https://shop.test//a//b");
}

TEST_F(HttpsRedirectTest, UsersCallTheUsualPortWhateverIsBound) {
  ask("shop.test", 0, "/");
  run_with({.bound_http = 8080, .bound_https = 8443});
  EXPECT_EQ(location(), "https://shop.test/");
}

TEST_F(HttpsRedirectTest, WhoCalledTheBoundPortIsSentToTheBoundOne) {
  ask("shop.localhost", 8080, "/");
  run_with({.bound_http = 8080, .bound_https = 8443});
  EXPECT_EQ(location(), "https://shop.localhost:8443/");
}

TEST_F(HttpsRedirectTest, AnotherPortIsSomebodyElsesToMap) {
  ask("shop.test", 9090, "/");
  run_with({.bound_http = 8080, .bound_https = 8443});
  EXPECT_EQ(location(), "https://shop.test/");
}

TEST_F(HttpsRedirectTest, ABoundPortThatIsNotKnownIsNotNamed) {
  ask("shop.test", 8080, "/");
  run_with({.bound_http = 8080, .bound_https = 0});
  EXPECT_EQ(location(), "https://shop.test/");
}

TEST_F(HttpsRedirectTest, ARequestWithTlsGoesOn) {
  ask("shop.test", 0, "/");
  exchange_.scheme = "https";
  run_with({});
  EXPECT_EQ(location(), "");
}

TEST_F(HttpsRedirectTest, WhatATrustedProxyTookByTlsGoesOn) {
  ask("shop.test", 0, "/");
  come_from("10.0.0.1:1234");
  add("X-Forwarded-Proto", "HTTPS");
  run({std::make_shared<ForwardedHeaders>(model::ForwardedHeaders{.trusted = blocks({"10.0.0.0/8"})}),
       std::make_shared<HttpsRedirect>(model::HttpsRedirect{})});
  EXPECT_EQ(location(), "");
}

TEST_F(HttpsRedirectTest, WhatAnybodyElseSaysOfItselfIsNotBelieved) {
  ask("shop.test", 0, "/");
  add("X-Forwarded-Proto", "https");
  run({std::make_shared<ForwardedHeaders>(model::ForwardedHeaders{}),
       std::make_shared<HttpsRedirect>(model::HttpsRedirect{})});
  EXPECT_EQ(location(), "https://shop.test/");
}

TEST_F(HttpsRedirectTest, ChallengesOfCertificateAuthoritiesAreServed) {
  ask("shop.test", 0, "/.well-known/acme-challenge/token");
  run_with({});
  EXPECT_EQ(location(), "");
}

TEST_F(HttpsRedirectTest, WithoutAHostThereIsNowhereToSendTo) {
  ask("", 0, "/");
  run_with({});
  EXPECT_EQ(location(), "");
}

TEST_F(HttpsRedirectTest, WithoutRoomTheRequestIsRefused) {
  ask("shop.test", 0, "/");
  while (arena_.allocate(1, 1) != nullptr) {
  }
  run_with({});
  ASSERT_FALSE(result_->has_value());
  EXPECT_EQ(result_->error().code, Code::overloaded);
}

}  // namespace
}  // namespace sallyport::filters
