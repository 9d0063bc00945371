// SPDX-License-Identifier: Apache-2.0
// Connections and watches: how many there are, how they end, how the client comes back.

#include "unit/sources/api_server/client_test.hpp"

namespace sallyport::sources::api_server {
namespace {

using ClientConnectionsTest = ClientTest;

TEST_F(ClientConnectionsTest, OneConnectionCarriesEverything) {
  host().script = watches();
  std::vector<std::unique_ptr<Asking>> asking;
  for (int i = 0; i < 20; ++i) asking.push_back(start(get("/a")));
  const auto one = open("/a?watch=1");
  const auto two = open("/b?watch=1");
  ASSERT_TRUE(
      run_until([&] { return std::ranges::all_of(asking, [](const auto& a) { return a->answer.has_value(); }); }));
  for (const auto& a : asking) EXPECT_TRUE(*a->answer && (*a->answer)->body == "hello");
  EXPECT_EQ(host().accepted, 1);
}

TEST_F(ClientConnectionsTest, AnotherOneWhenTheServerTakesNoMoreStreams) {
  manner_.streams = 2;
  host().script = watches();
  const auto one = open("/a?watch=1");
  const auto two = open("/b?watch=1");
  EXPECT_EQ(host().accepted, 1);
  const auto three = open("/c?watch=1");
  EXPECT_EQ(host().accepted, 2);
  EXPECT_EQ(said(get("/a")), "200 hello");
  EXPECT_EQ(host().accepted, 2);
}

TEST_F(ClientConnectionsTest, AWatchIsReadAsItComes) {
  host().script = watches();
  const auto watch = open("/a?watch=1");
  EXPECT_EQ(watch->stream().status(), 200U);
  EXPECT_EQ(read(*watch), "one\n");
  const Result<std::string> nothing = read(*watch, net::Duration(1));
  ASSERT_FALSE(nothing);
  EXPECT_EQ(nothing.error().code, Code::upstream_timeout);
  start_read(*watch);
  gate_.open();
  ASSERT_TRUE(run_until([&] { return watch->piece.has_value(); }));
  EXPECT_EQ(*watch->piece, "two\n") << "a read that ended early lost nothing";
  EXPECT_EQ(read(*watch), "") << "it has ended whole";
}

TEST_F(ClientConnectionsTest, WhoDropsAWatchEndsIt) {
  host().script = watches();
  auto watch = open("/a?watch=1");
  EXPECT_EQ(read(*watch), "one\n");
  start_read(*watch);
  watch->task.reset();
  watch.reset();
  ASSERT_TRUE(run_until([&] { return !host().outcomes().empty(); }));
  EXPECT_EQ(host().outcomes()[0].error, Code::client_gone);
}

TEST_F(ClientConnectionsTest, AfterGoawayNewRequestsGoElsewhereAndWatchesGoOn) {
  host().script = watches();
  const auto watch = open("/a?watch=1");
  EXPECT_EQ(read(*watch), "one\n");
  host().drain();
  start_read(*watch);
  turn();
  EXPECT_EQ(said(get("/a")), "200 hello");
  EXPECT_EQ(host().accepted, 2);
  EXPECT_FALSE(watch->piece);
  gate_.open();
  ASSERT_TRUE(run_until([&] { return watch->piece.has_value(); }));
  EXPECT_EQ(*watch->piece, "two\n");
}

TEST_F(ClientConnectionsTest, ALostConnectionEndsItsWatchesAndIsReplaced) {
  host().script = watches();
  const auto watch = open("/a?watch=1");
  EXPECT_EQ(read(*watch), "one\n");
  start_read(*watch);
  host().drop();
  ASSERT_TRUE(run_until([&] { return watch->piece.has_value(); }));
  EXPECT_FALSE(*watch->piece);
  EXPECT_EQ(said(get("/a")), "200 hello");
  EXPECT_EQ(host().accepted, 2);
}

TEST_F(ClientConnectionsTest, AServerThatIsNotThereIsNamedAndTriedAgainLater) {
  settings_.server.port = support::unused_address().port;
  const std::string why = said(get("/a"));
  EXPECT_EQ(why,
            text::cat("the API server https://127.0.0.1:", client().settings().server.port, " cannot be connected to"));
  EXPECT_EQ(said(get("/a")), why);
  EXPECT_EQ(client().report().connects, 2U);
  EXPECT_EQ(client().report().connect_failures, 2U);
}

TEST_F(ClientConnectionsTest, ManyRequestsToAServerThatIsNotThereMakeOneConnect) {
  settings_.server.port = support::unused_address().port;
  options_.pauses = {.first = std::chrono::hours(1), .longest = std::chrono::hours(1)};
  std::vector<std::unique_ptr<Asking>> asking;
  for (int i = 0; i < 20; ++i) asking.push_back(start(get("/a")));
  ASSERT_TRUE(
      run_until([&] { return std::ranges::all_of(asking, [](const auto& a) { return a->answer.has_value(); }); }));
  for (const auto& a : asking) EXPECT_FALSE(*a->answer);
  EXPECT_EQ(client().report().connects, 1U);
}

TEST_F(ClientConnectionsTest, AServerThatTakesConnectionsAndDoesNotSpeakIsLeftAlone) {
  manner_.protocols = {"http/1.0"};  // no handshake comes to its end
  EXPECT_TRUE(said(get("/a")).contains("cannot be spoken to by TLS"));
  EXPECT_EQ(client().report().connect_failures, 1U);
}

TEST_F(ClientConnectionsTest, Http11WhereTheServerSpeaksNoOther) {
  manner_.protocols = {"http/1.1"};
  settings_.token = SecretBytes("abc");
  host().script = watches();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(said(get("/a?x=1")), "200 hello");
  EXPECT_EQ(host().accepted, 1) << "a connection is kept";
  EXPECT_EQ(host().asked[0].version, http::Version::http11);
  EXPECT_EQ(host().asked[0].target, "/a?x=1");
  EXPECT_EQ(host().asked[0].authorization, "Bearer abc");
  const auto watch = open("/a?watch=1");
  EXPECT_EQ(read(*watch), "one\n");
  EXPECT_EQ(said({.verb = Verb::post, .target = "/a", .content_type = "application/json", .body = "{}"}), "200 hello");
  EXPECT_EQ(host().accepted, 2);
  EXPECT_EQ(host().asked.back().body, "{}");
  gate_.open();
  EXPECT_EQ(read(*watch), "two\n");
  EXPECT_EQ(read(*watch), "");
}

TEST_F(ClientConnectionsTest, CleartextIsHttp11) {
  manner_.issued = {};
  host().script = watches();
  EXPECT_EQ(said(get("/a")), "200 hello");
  const auto watch = open("/a?watch=1");
  EXPECT_EQ(read(*watch), "one\n");
  EXPECT_EQ(said(get("/a")), "200 hello");
  EXPECT_EQ(host().accepted, 2);
  EXPECT_EQ(host().asked[0].authority, host().address().text());
}

TEST_F(ClientConnectionsTest, WhoHasAConnectionOfItsOwnWaitsForItNoLongerThanItSaid) {
  manner_.issued = {};  // HTTP/1.1
  options_.http.connect = std::chrono::hours(1);
  // Whoever is in its queue fills it, and the system answers no further SYN.
  const support::Listener silent = support::tcp_listener(0);
  const net::Fd in_queue = support::connect_to(silent.address);
  settings_.server.port = silent.address.port;
  Ask impatient = get("/a");
  impatient.patience = net::Duration(20);
  EXPECT_EQ(said(std::move(impatient)), text::cat("the API server http://", silent.address.text(), " does not answer"));
}

net::Task<void> keep_carrier(Connections& connections, Arena& arena, http::Notes& notes,
                             std::optional<Result<Carrier>>& got) {
  got.emplace(co_await connections.carrier(nullptr, arena, notes, net::Clock::now() + net::Duration(20'000)));
}

TEST_F(ClientConnectionsTest, WhereTlsIsSpokenNothingIsConnectedWithoutIt) {
  AccessSettings settings;
  settings.origin = "the test";
  settings.server = {.is_tls = true, .host = "127.0.0.1", .port = host().address().port, .prefix = {}};
  Connections connections(loop_, settings, options_.http, options_.pauses,
                          [this](std::string name, net::Time until) { return resolve(std::move(name), until); });
  Arena arena;
  http::Notes notes;
  std::optional<Result<Carrier>> got;
  net::Task<void> task = keep_carrier(connections, arena, notes, got);
  task.start();
  ASSERT_TRUE(run_until([&] { return got.has_value(); }));
  ASSERT_FALSE(*got);
  EXPECT_EQ(got->error().detail, "there is nothing to speak TLS with for the test");
  EXPECT_EQ(connections.report().connects, 0U);
}

TEST_F(ClientConnectionsTest, AKeptConnectionThatHasEndedIsReplacedUnseen) {
  manner_.protocols = {"http/1.1"};
  EXPECT_EQ(said(get("/a")), "200 hello");
  host().drop();
  EXPECT_EQ(said(get("/a")), "200 hello");
  EXPECT_EQ(host().accepted, 2);
}

}  // namespace
}  // namespace sallyport::sources::api_server
