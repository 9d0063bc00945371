// SPDX-License-Identifier: Apache-2.0
// Requests, answers and credentials.

#include "unit/sources/api_server/client_test.hpp"

namespace sallyport::sources::api_server {
namespace {

TEST_F(ClientTest, AQuestionAndItsAnswer) {
  settings_.token = SecretBytes("abc");
  EXPECT_EQ(said(get("/api/v1/services?limit=500")), "200 hello");
  ASSERT_EQ(host().asked.size(), 1U);
  const Asked& asked = host().asked[0];
  EXPECT_EQ(asked.method, "GET");
  EXPECT_EQ(asked.target, "/api/v1/services?limit=500");
  EXPECT_EQ(asked.version, http::Version::http2);
  EXPECT_EQ(asked.authority, host().address().text());
  EXPECT_EQ(asked.authorization, "Bearer abc");
  EXPECT_EQ(asked.accept, "application/json");
  EXPECT_EQ(asked.user_agent, "sallyport/1.2.3 (kubernetes)");
  EXPECT_EQ(asked.encodings, "") << "nothing here can unpack it";
  EXPECT_EQ(asked.content_type, "");
}

TEST_F(ClientTest, EachVerbWithItsBody) {
  const std::string large(300'000, 'x');
  EXPECT_EQ(said({.verb = Verb::patch, .target = "/a", .content_type = "application/merge-patch+json", .body = large}),
            "200 hello");
  EXPECT_EQ(said({.verb = Verb::post, .target = "/a", .content_type = "application/json", .body = "{}"}), "200 hello");
  EXPECT_EQ(said({.verb = Verb::put, .target = "/a", .content_type = "application/json", .body = "{}"}), "200 hello");
  EXPECT_EQ(said({.verb = Verb::remove, .target = "/a"}), "200 hello");
  ASSERT_EQ(host().asked.size(), 4U);
  EXPECT_EQ(host().asked[0].method, "PATCH");
  EXPECT_EQ(host().asked[0].content_type, "application/merge-patch+json");
  EXPECT_EQ(host().asked[0].body, large);
  EXPECT_EQ(host().asked[1].method, "POST");
  EXPECT_EQ(host().asked[2].method, "PUT");
  EXPECT_EQ(host().asked[3].method, "DELETE");
}

TEST_F(ClientTest, AnyStatusIsAnAnswer) {
  host().script = [](http::Incoming& incoming, const Asked&) {
    return net::Task<Result<http::Response>>::with(Host::json(incoming, 409, "conflict"));
  };
  EXPECT_EQ(said(get("/a")), "409 conflict");
}

TEST_F(ClientTest, AnAnswerThatIsTooLong) {
  Ask short_one = get("/a?b");
  short_one.most_bytes = 4;
  EXPECT_EQ(said(std::move(short_one)), "the answer of the API server is longer than 4 bytes: /a?b");
  Ask enough = get("/a");
  enough.most_bytes = 5;
  EXPECT_EQ(said(std::move(enough)), "200 hello");
}

TEST_F(ClientTest, APrefixComesBeforeEveryPath) {
  settings_.server.prefix = "/k8s/c-1";
  EXPECT_EQ(said(get("/api?x=1")), "200 hello");
  EXPECT_EQ(host().asked[0].target, "/k8s/c-1/api?x=1");
}

TEST_F(ClientTest, ANameIsResolvedAndIsWhatTheCertificateIsFor) {
  settings_.server.host = "api.example.com";
  EXPECT_EQ(said(get("/a")), "200 hello");
  EXPECT_EQ(resolved_, std::vector<std::string>{"api.example.com"});
  EXPECT_EQ(host().asked[0].authority, text::cat("api.example.com:", host().address().port));
}

TEST_F(ClientTest, ANameThatIsNotThere) {
  settings_.server.host = "nowhere.example.com";
  const std::string why = said(get("/a"));
  EXPECT_TRUE(why.ends_with("cannot be connected to: no such name")) << why;
}

TEST_F(ClientTest, TheServersNameMayBeAnother) {
  settings_.server_name = "other.example.com";
  EXPECT_EQ(said(get("/a")), "200 hello");
}

TEST_F(ClientTest, WhomNobodyVouchesForIsNotSpokenTo) {
  const support::Authority other("other");
  settings_.authority = other.pem();
  settings_.token = SecretBytes("abc");
  const std::string why = said(get("/a"));
  EXPECT_TRUE(why.contains("shows a certificate that is not trusted")) << why;
  EXPECT_TRUE(host().asked.empty());
}

TEST_F(ClientTest, ACertificateOfAnotherName) {
  settings_.server_name = "example.org";
  EXPECT_TRUE(said(get("/a")).contains("shows a certificate that is not trusted"));
}

TEST_F(ClientTest, UnlessThatIsAllowed) {
  const support::Authority other("other");
  settings_.authority = other.pem();
  settings_.verify = false;
  EXPECT_EQ(said(get("/a")), "200 hello");
}

TEST_F(ClientTest, ANewAuthorityIsReadWhenTheOldOneDoesNotFit) {
  folder_.write("ca", authority_.pem());
  settings_.authority_file = folder_.path("ca");
  EXPECT_EQ(said(get("/a")), "200 hello");
  const support::Authority next("next");
  host().show(next.issue({.names = "IP:127.0.0.1"}));
  host().drop();
  folder_.write("ca", next.pem());
  EXPECT_EQ(said(get("/a")), "200 hello");
}

TEST_F(ClientTest, AClientCertificateIsShown) {
  const support::Issued mine = authority_.issue({.common_name = "jane", .names = ""});
  manner_.client_ca = authority_.pem();
  settings_.certificate = mine.certificate;
  settings_.key = SecretBytes(mine.key);
  EXPECT_EQ(said(get("/a")), "200 hello");
  EXPECT_EQ(host().asked[0].client, "CN=jane");
}

TEST_F(ClientTest, ARenewedClientCertificateIsShownOnANewConnection) {
  const auto write = [&](const std::string& name) {
    const support::Issued mine = authority_.issue({.common_name = name, .names = ""});
    folder_.write("crt", mine.certificate);
    folder_.write("key", mine.key);
  };
  write("jane");
  manner_.client_ca = authority_.pem();
  settings_.certificate_file = folder_.path("crt");
  settings_.key_file = folder_.path("key");
  EXPECT_EQ(said(get("/a")), "200 hello");
  write("june");
  host().script = [](http::Incoming& incoming, const Asked& asked) {
    const std::uint16_t status = asked.client == "CN=june" ? 200 : 401;
    return net::Task<Result<http::Response>>::with(Host::json(incoming, status, asked.client));
  };
  EXPECT_EQ(said(get("/a")), "200 CN=june");
  EXPECT_EQ(host().accepted, 2);
}

TEST_F(ClientTest, HalfARotationChangesNothing) {
  const support::Issued mine = authority_.issue({.common_name = "jane", .names = ""});
  folder_.write("crt", mine.certificate);
  folder_.write("key", mine.key);
  manner_.client_ca = authority_.pem();
  settings_.certificate_file = folder_.path("crt");
  settings_.key_file = folder_.path("key");
  EXPECT_EQ(said(get("/a")), "200 hello");
  folder_.write("crt", authority_.issue({.common_name = "june", .names = ""}).certificate);
  host().script = [](http::Incoming& incoming, const Asked& asked) {
    return net::Task<Result<http::Response>>::with(Host::json(incoming, 401, asked.client));
  };
  EXPECT_EQ(said(get("/a")), "401 CN=jane");
  ASSERT_TRUE(client().problem());
  EXPECT_TRUE(client().problem()->detail.contains("the client certificate of the test cannot be used"));
}

TEST_F(ClientTest, ARefusedTokenIsReadAgainAndTheRequestSentAgain) {
  folder_.write("token", "one");
  settings_.token_file = folder_.path("token");
  EXPECT_EQ(said(get("/a")), "200 hello");
  folder_.write("token", "two");
  host().script = [](http::Incoming& incoming, const Asked& asked) {
    const std::uint16_t status = asked.authorization == "Bearer two" ? 200 : 401;
    return net::Task<Result<http::Response>>::with(Host::json(incoming, status, asked.body));
  };
  EXPECT_EQ(said({.verb = Verb::post, .target = "/a", .content_type = "application/json", .body = "{}"}), "200 {}");
  EXPECT_EQ(client().report().unauthorized, 1U);
  EXPECT_EQ(host().accepted, 1) << "a token is no matter of the connection";
}

TEST_F(ClientTest, ARefusalThatNothingCanBeDoneAboutIsGiven) {
  settings_.token = SecretBytes("abc");
  host().script = [](http::Incoming& incoming, const Asked&) {
    return net::Task<Result<http::Response>>::with(Host::json(incoming, 401, "no"));
  };
  EXPECT_EQ(said(get("/a")), "401 no");
  EXPECT_EQ(host().asked.size(), 1U);
}

TEST_F(ClientTest, WithoutCredentialsNothingIsAsked) {
  settings_.token_file = folder_.path("none");
  EXPECT_EQ(said(get("/a")), text::cat(folder_.path("none"), ": No such file or directory"));
  EXPECT_EQ(host().accepted, 0);
}

TEST_F(ClientTest, RetryAfterIsGivenAndNewRequestsWait) {
  options_.budget.longest_hold = net::Duration(20);
  bool refuse = true;
  host().script = [&](http::Incoming& incoming, const Asked&) {
    const bool refused = std::exchange(refuse, false);
    return net::Task<Result<http::Response>>::with(refused ? Host::json(incoming, 429, "later", "7")
                                                           : Host::json(incoming, 200, "now"));
  };
  const Result<Answer> first = ask(get("/a"));
  ASSERT_TRUE(first);
  EXPECT_EQ(first->status, 429U);
  EXPECT_EQ(first->retry_after, net::Duration(7'000));
  EXPECT_EQ(client().report().throttled, 1U);
  EXPECT_EQ(client().report().waits, 0U);
  EXPECT_EQ(said(get("/a")), "200 now");
  EXPECT_EQ(client().report().waits, 1U);
}

TEST_F(ClientTest, WhoDropsAQuestionCancelsIt) {
  host().script = [this](http::Incoming& incoming, const Asked&) { return support::say_path_after(incoming, gate_); };
  auto asking = start(get("/a"));
  ASSERT_TRUE(run_until([&] { return gate_.has_waiter(); }));
  asking.reset();
  ASSERT_TRUE(run_until([&] { return !host().outcomes().empty(); }));
  EXPECT_EQ(host().outcomes()[0].error, Code::client_gone);
}

TEST_F(ClientTest, AnAnswerThatDoesNotComeInTime) {
  EXPECT_EQ(said(get("/a")), "200 hello");
  host().script = [this](http::Incoming& incoming, const Asked&) { return support::say_path_after(incoming, gate_); };
  Ask impatient = get("/a?b");
  impatient.patience = net::Duration(1);
  EXPECT_EQ(said(std::move(impatient)), "the API server did not answer in time: /a");
}

}  // namespace
}  // namespace sallyport::sources::api_server
