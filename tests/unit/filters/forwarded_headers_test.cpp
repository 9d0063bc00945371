// SPDX-License-Identifier: Apache-2.0
#include "filters/forwarded_headers.hpp"

#include "unit/filters/filter_test.hpp"

namespace sallyport::filters {
namespace {

using Values = std::vector<std::string>;

class ForwardedHeadersTest : public FilterTest {
 protected:
  ForwardedHeadersTest() { incoming_.request.head.authority = "shop.example.com:8080"; }

  void tell(std::initializer_list<std::string_view> trusted) {
    run({std::make_shared<ForwardedHeaders>(model::ForwardedHeaders{.trusted = blocks(trusted)})});
  }
  std::string client() const { return exchange_.client.text(); }
};

TEST_F(ForwardedHeadersTest, TellsWhoTheClientIsAndWhatItAskedFor) {
  tell({});
  EXPECT_EQ(values("X-Forwarded-For"), Values{"192.0.2.1"});
  EXPECT_EQ(values("X-Forwarded-Proto"), Values{"http"});
  EXPECT_EQ(values("X-Forwarded-Host"), Values{"shop.example.com:8080"});
  EXPECT_EQ(values("X-Forwarded-Port"), Values{"80"}) << "the listener's, not the client's";
  EXPECT_EQ(client(), "192.0.2.1");
  EXPECT_EQ(end_.reached, 1);
}

// whoever only carried the connection here lends it no trust.
TEST_F(ForwardedHeadersTest, ATrustedCarrierDoesNotVouchForTheClientItNames) {
  come_from("10.0.0.1:1234");
  connection_.client = *syntax::SocketAddress::parse("192.0.2.7:99");
  connection_.local = *syntax::SocketAddress::parse("203.0.113.1:443");
  connection_.client_source = http::ClientSource::proxy_header;
  add("X-Forwarded-For", "198.51.100.1");
  add("X-Forwarded-Proto", "https");
  tell({"10.0.0.0/8"});
  EXPECT_EQ(values("X-Forwarded-For"), Values{"192.0.2.7"});
  EXPECT_EQ(values("X-Forwarded-Proto"), Values{"http"});
  EXPECT_EQ(values("X-Forwarded-Port"), Values{"443"}) << "what users call, as the header says";
}

TEST_F(ForwardedHeadersTest, ATrustedClientThatAHeaderNamesIsBelieved) {
  come_from("192.0.2.1:1234");
  connection_.client = *syntax::SocketAddress::parse("10.0.0.9:99");
  connection_.client_source = http::ClientSource::proxy_header;
  exchange_.client = connection_.client.ip;
  add("X-Forwarded-For", "198.51.100.1");
  tell({"10.0.0.0/8"});
  EXPECT_EQ(values("X-Forwarded-For"), Values{"198.51.100.1, 10.0.0.9"});
  EXPECT_EQ(client(), "198.51.100.1");
}

TEST_F(ForwardedHeadersTest, NothingIsBelievedOfAClientThatIsNotNamed) {
  come_from("10.0.0.1:1234");
  connection_.client_source = http::ClientSource::hidden;
  add("X-Forwarded-For", "198.51.100.1");
  tell({"10.0.0.0/8"});
  EXPECT_EQ(values("X-Forwarded-For"), Values{"10.0.0.1"});
  EXPECT_EQ(client(), "10.0.0.1");
}

TEST_F(ForwardedHeadersTest, TellsThatTheClientSpeaksTls) {
  connection_.is_secure = true;
  FakeExchange exchange(incoming_, listener_, states_, exchange_.caller, std::array<std::uint64_t, 2>{});
  EXPECT_EQ(exchange.scheme, "https");
  exchange_.scheme = exchange.scheme;
  listener_.port = 443;
  tell({});
  EXPECT_EQ(values("X-Forwarded-Proto"), Values{"https"});
  EXPECT_EQ(values("X-Forwarded-Port"), Values{"443"});
}

TEST_F(ForwardedHeadersTest, ARequestWithoutHostHasNoForwardedHost) {
  incoming_.request.head.authority = {};
  tell({});
  EXPECT_EQ(values("X-Forwarded-Host"), Values{});
}

TEST_F(ForwardedHeadersTest, AnIpv6ClientIsWrittenAsItsAddress) {
  come_from("[2001:db8::1]:1234");
  tell({});
  EXPECT_EQ(values("X-Forwarded-For"), Values{"2001:db8::1"});
}

// Law 9: whatever an upstream might take for one of them.
TEST_F(ForwardedHeadersTest, AClientsClaimsAreRemovedInEverySpelling) {
  for (const std::string_view name : {"Forwarded",
                                      "X-Forwarded-For",
                                      "x-forwarded-for",
                                      "X-FORWARDED-FOR",
                                      "X_Forwarded_For",
                                      "X-Forwarded_For",
                                      "X-Forwarded-Proto",
                                      "X-Forwarded-Host",
                                      "X-Forwarded-Port",
                                      "X-Forwarded-Prefix",
                                      "X-Forwarded-Server",
                                      "X-Forwarded-Ssl",
                                      "X-Forwarded-Anything",
                                      "x_forwarded_scheme",
                                      "X-Real-IP",
                                      "X_Real_IP",
                                      "X-Envoy-External-Address",
                                      "X-Original-URL",
                                      "X-Rewrite-URL",
                                      "X-Sallyport-Explain"}) {
    add(name, "10.9.9.9");
  }
  add("Accept", "text/html");
  tell({"10.0.0.0/8"});
  EXPECT_EQ(fields().size(), 5U);
  for (const http::Field& field : fields()) EXPECT_NE(field.value, "10.9.9.9") << field.name;
  EXPECT_EQ(values("Accept"), Values{"text/html"});
  EXPECT_EQ(client(), "192.0.2.1");
}

TEST_F(ForwardedHeadersTest, TheRequestIdIsLeftToItsOwnFilter) {
  add("X-Request-Id", "mine");
  tell({});
  EXPECT_EQ(values("X-Request-Id"), Values{"mine"});
}

TEST_F(ForwardedHeadersTest, ATrustedProxysClaimsAreKeptAndItsChainContinued) {
  come_from("10.0.0.1:1234");
  add("X-Forwarded-For", "203.0.113.9");
  add("X-Forwarded-Proto", "https");
  add("X-Forwarded-Host", "outer.example.com");
  add("X-Forwarded-Port", "443");
  add("X-Real-IP", "203.0.113.9");
  tell({"10.0.0.0/8"});
  EXPECT_EQ(values("X-Forwarded-For"), Values{"203.0.113.9, 10.0.0.1"});
  EXPECT_EQ(values("X-Forwarded-Proto"), Values{"https"});
  EXPECT_EQ(values("X-Forwarded-Host"), Values{"outer.example.com"});
  EXPECT_EQ(values("X-Forwarded-Port"), Values{"443"});
  EXPECT_EQ(values("X-Real-IP"), Values{"203.0.113.9"});
  EXPECT_EQ(client(), "203.0.113.9");
}

TEST_F(ForwardedHeadersTest, ATrustedProxyThatSaysNothingIsToldOf) {
  come_from("10.0.0.1:1234");
  tell({"10.0.0.0/8"});
  EXPECT_EQ(values("X-Forwarded-For"), Values{"10.0.0.1"});
  EXPECT_EQ(values("X-Forwarded-Proto"), Values{"http"});
  EXPECT_EQ(client(), "10.0.0.1");
}

TEST_F(ForwardedHeadersTest, SeveralFieldsAreOneChainInTheirOrder) {
  come_from("10.0.0.1:1234");
  add("X-Forwarded-For", "198.51.100.1, 203.0.113.9");
  add("x-forwarded-for", "10.0.0.3");
  tell({"10.0.0.0/8"});
  EXPECT_EQ(values("X-Forwarded-For"), Values{"198.51.100.1, 203.0.113.9, 10.0.0.3, 10.0.0.1"});
  EXPECT_EQ(client(), "203.0.113.9") << "the first from the near end that is no proxy of ours";
}

TEST_F(ForwardedHeadersTest, TheClientIsFoundInAChain) {
  struct Case {
    std::string_view chain;
    std::string_view client;
  };
  for (const Case& one : {
           Case{"203.0.113.9", "203.0.113.9"},
           Case{"198.51.100.1,203.0.113.9", "203.0.113.9"},
           Case{"198.51.100.1 , \t203.0.113.9 ", "203.0.113.9"},
           Case{"10.1.1.1, 10.2.2.2", "10.1.1.1"},    // all are proxies: the farthest
           Case{"unknown", "10.0.0.1"},               // no address: nobody beyond is believed
           Case{"203.0.113.9, _hidden", "10.0.0.1"},  //
           Case{"203.0.113.9, _x, 10.2.2.2", "10.2.2.2"},
           Case{"203.0.113.9,", "10.0.0.1"},
           Case{"203.0.113.9,,10.2.2.2", "10.2.2.2"},
           Case{"203.0.113.9:1234", "10.0.0.1"},
           Case{"2001:db8::1", "2001:db8::1"},
           Case{"::ffff:203.0.113.9", "203.0.113.9"},
           Case{"", "10.0.0.1"},
       }) {
    fields().clear();
    come_from("10.0.0.1:1234");
    add("X-Forwarded-For", one.chain);
    tell({"10.0.0.0/8"});
    EXPECT_EQ(client(), one.client) << '"' << one.chain << '"';
  }
}

TEST_F(ForwardedHeadersTest, WithoutRoomTheRequestIsRefused) {
  while (arena_.allocate(64, 1) != nullptr) {
  }
  tell({});
  ASSERT_FALSE(*result_);
  EXPECT_EQ(result_->error().code, Code::overloaded);
  EXPECT_EQ(end_.reached, 0);
}

}  // namespace
}  // namespace sallyport::filters
