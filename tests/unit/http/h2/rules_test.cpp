// SPDX-License-Identifier: Apache-2.0
// One test for each rule of HTTP/2, named after it (reference: reliability-security.md 2.2).

#include <gtest/gtest.h>

#include <functional>
#include <utility>

#include "unit/http/h2/h2_server_test.hpp"

namespace sallyport::http::h2 {
namespace {

class H2RulesTest : public H2ServerTest {
 protected:
  // A stream is opened and reset, so often; true: the connection has ended.
  bool open_and_reset(H2Client& client, int times, std::uint32_t from) {
    for (int i = 0; i < times; ++i) {
      const std::uint32_t stream = from + 2 * static_cast<std::uint32_t>(i);
      client.send(h2_frame(FrameType::headers, flag_end_headers | flag_end_stream, stream, client.block(h2_get("/"))) +
                  h2_reset(stream, ErrorCode::cancel));
    }
    turn();
    return client.over();
  }
  static net::Task<Result<Response>> much(Incoming& incoming) {
    Response response(incoming.arena);
    auto* body = incoming.arena.make<support::ScriptedBody>();
    body->repeat_for_ever(std::string(60'000, 'x'));
    response.head.framing.kind = Framing::Kind::chunked;
    response.body = ArenaPtr<Body>(body);
    co_return response;
  }
};

TEST_F(H2RulesTest, H2_1_RapidResetsEndTheConnection) {
  auto client = start();
  EXPECT_FALSE(open_and_reset(*client, 200, 1));
  EXPECT_TRUE(client->goaways().empty());
  EXPECT_TRUE(handler_.seen.empty()) << "what was reset at once never began";
  open_and_reset(*client, 10, 401);
  ASSERT_TRUE(run_until([&] { return !client->goaways().empty(); })) << "no new streams, please";
  open_and_reset(*client, 1000, 421);
  expect_end(*client, ErrorCode::enhance_your_calm);
}

TEST_F(H2RulesTest, H2_1_ResetsAmongManyServedStreamsAreForgiven) {
  auto client = start();
  std::uint32_t stream = 1;
  for (int i = 0; i < 300; ++i) {
    open_and_reset(*client, 1, stream);
    client->headers(stream + 2, h2_get("/"));
    client->headers(stream + 4, h2_get("/"));
    ASSERT_TRUE(answered(*client, stream + 4));
    stream += 6;
  }
  EXPECT_TRUE(client->goaways().empty());
}

TEST_F(H2RulesTest, H2_2_ResetsThatTheClientCausesCountTheSame) {
  handler_.script = [&](Incoming& incoming) { return support::say_path_after(incoming, gate_); };
  auto client = start();
  for (std::uint32_t i = 0; i < 1000 && !client->over(); ++i) {
    client->headers(1 + 2 * i, h2_get("/"), false);
    client->send(h2_window_update(1 + 2 * i, 0x7FFFFFFF));  // too much: an error of that stream
    if (i % 50 == 49) turn();
  }
  expect_end(*client, ErrorCode::enhance_your_calm);
  EXPECT_EQ(server().notes().glitch_ends, 1U);
}

TEST_F(H2RulesTest, H2_3_ABlockOfManyContinuationsEndsTheConnection) {
  auto client = start();
  const std::string block = client->block(h2_get("/"));
  client->send(FrameType::headers, flag_end_stream, 1, block);
  for (int i = 0; i < 9; ++i) client->send(FrameType::continuation, 0, 1, {});
  expect_end(*client, ErrorCode::enhance_your_calm);
}

TEST_F(H2RulesTest, H2_3_ABlockInAFewPiecesIsRead) {
  auto client = start();
  const std::string block = client->block(h2_get("/pieces"));
  client->send(FrameType::headers, flag_end_stream, 1, block.substr(0, 3));
  client->send(FrameType::continuation, 0, 1, block.substr(3, 3));
  client->send(FrameType::continuation, flag_end_headers, 1, block.substr(6));
  ASSERT_TRUE(answered(*client, 1));
  EXPECT_EQ(client->answer(1).body, "/pieces");
}

TEST_F(H2RulesTest, H2_3_ABlockOfManyBytesEndsTheConnection) {
  auto client = start();
  client->send(FrameType::headers, flag_end_stream, 1, client->block(h2_get("/")));
  for (int i = 0; i < 5; ++i) {
    client->send(FrameType::continuation, 0, 1, client->block({{"x", std::string(16'000, 'x')}}));
  }
  expect_end(*client, ErrorCode::enhance_your_calm);
}

TEST_F(H2RulesTest, H2_3_ABlockThatDoesNotEndInTimeEndsTheConnection) {
  settings_.http2.block = net::Duration(50);
  auto client = start();
  client->send(FrameType::headers, flag_end_stream, 1, client->block(h2_get("/")));
  expect_end(*client, ErrorCode::enhance_your_calm);
}

TEST_F(H2RulesTest, H2_3_AFrameOfFieldsThatTricklesEndsTheConnection) {
  settings_.http2.block = net::Duration(50);
  auto client = start();
  const std::string frame = h2_frame(FrameType::headers, flag_end_headers, 1, client->block(h2_get("/")));
  client->send(frame.substr(0, frame.size() - 1));
  expect_end(*client, ErrorCode::enhance_your_calm);
}

TEST_F(H2RulesTest, H2_3_AlsoWhileTheConnectionEnds) {
  settings_.http2.block = net::Duration(1'500);  // longer than the client is waited for
  handler_.script = [&](Incoming& incoming) { return support::say_path_after(incoming, gate_); };
  auto client = start();
  client->headers(1, h2_get("/"));
  ASSERT_TRUE(run_until([&] { return handler_.seen.size() == 1; }));
  server().drain();
  ASSERT_TRUE(run_until([&] { return client->goaways().size() == 1; }));
  client->send(FrameType::headers, flag_end_stream, 3, client->block(h2_get("/")));
  expect_end(*client, ErrorCode::enhance_your_calm);
}

TEST_F(H2RulesTest, H2_4_FieldsOfAByteEachAreCountedInFull) {
  auto client = start();
  HeaderList many = h2_get("/");
  for (int i = 0; i < 200; ++i) many.emplace_back("x-same", "0123456789");
  client->headers(1, many);
  ASSERT_TRUE(answered(*client, 1));
  EXPECT_EQ(client->answer(1).status(), "431");
  EXPECT_EQ(handler_.refusals, 1);
}

TEST_F(H2RulesTest, H2_4_CrumbsOfCookieAreCountedToo) {
  auto client = start();
  HeaderList many = h2_get("/");
  for (int i = 0; i < 500; ++i) many.emplace_back("cookie", "a=b");
  client->headers(1, many);
  ASSERT_TRUE(answered(*client, 1));
  EXPECT_EQ(client->answer(1).status(), "431");
  HeaderList some = h2_get("/");
  for (int i = 0; i < 150; ++i) some.emplace_back("cookie", "a=b");
  client->headers(3, some);
  ASSERT_TRUE(answered(*client, 3));
  EXPECT_EQ(client->answer(3).status(), "200") << "a browser has as many";
}

// Says how often it was read.
class Endless final : public Body {
 public:
  explicit Endless(int& reads) : reads_(reads) {}
  net::Task<Result<std::string_view>> read() override {
    ++reads_;
    return net::Task<Result<std::string_view>>::with(std::string_view("x"));
  }
  bool ready() const override { return true; }

 private:
  int& reads_;
};

// Nobody minds that there is no room for a hook.
class Much final : public Handler {
 public:
  net::Task<Result<Response>> handle(Incoming& incoming) override {
    Response response(incoming.arena);
    auto* body = incoming.arena.make<Endless>(reads);
    if (body == nullptr) co_return fail(Code::overloaded);
    response.head.framing.kind = Framing::Kind::chunked;
    response.body = ArenaPtr<Body>(body);
    co_return response;
  }
  void refused(Incoming&) override {}

  int reads = 0;
};

TEST_F(H2RulesTest, H2_4_AStalledConnectionPinsLittle) {
  Much handler;
  Server server(loop_, handler, settings_, ledger_);
  support::Pair pair = support::tcp_pair();
  const auto facts = ConnectionFacts::of(*syntax::SocketAddress::parse("192.0.2.1:1234"));
  ASSERT_TRUE(server.accept({.fd = std::move(pair.one), .stream = nullptr}, facts, {}));
  auto client = std::make_unique<H2Client>(std::make_unique<support::Peer>(loop_, std::move(pair.other)));
  client->start({{4, 0}});  // no window for any answer
  HeaderList large = h2_get("/");
  for (int i = 0; i < 90; ++i) large.emplace_back("x-same", std::string(250, 'x'));
  for (std::uint32_t stream = 1; stream < 200; stream += 2) client->headers(stream, large);
  ASSERT_TRUE(run_until([&] {
    std::size_t decided = 0;
    for (std::uint32_t stream = 1; stream < 200; stream += 2) {
      decided += client->answer(stream).over() || !client->answer(stream).head.empty();
    }
    return decided == 100;
  }));
  EXPECT_EQ(handler.reads, 0) << "nothing is asked for that there is no window for";
  EXPECT_GE(ledger_.held(), 100U * 1024) << "and what there is is counted";
}

TEST_F(H2RulesTest, H2_4_ADripOfWindowIsNoProgress) {
  handler_.script = much;
  settings_.write_stall = net::Duration(300);
  settings_.http2.progress = 10'000'000;  // so much more than a byte each time
  settings_.limits.glitches = 1'000'000;  // which end it sooner
  auto client = start({{4, 1}});
  client->headers(1, h2_get("/"));
  std::size_t given = 0;
  ASSERT_TRUE(run_until([&] {
    const std::size_t size = client->answer(1).body.size();
    if (std::exchange(given, size) != size) client->send(h2_window_update(1, 1));
    return client->answer(1).over();
  }));
  EXPECT_EQ(client->answer(1).reset, ErrorCode::cancel);
}

// Gives the window of all so much again and again, by the clock alone: whatever else happens on the loop.
class Drip final : net::Timer {
 public:
  Drip(net::Loop& loop, H2Client& client, net::Duration every, std::uint64_t bytes)
      : loop_(loop), client_(client), every_(every), bytes_(static_cast<std::uint32_t>(bytes)) {
    fire();
  }

  int given() const { return given_; }

 private:
  void fire() override {
    client_.send(h2_window_update(0, bytes_));
    ++given_;
    loop_.timers().arm(*this, loop_.now() + every_);
  }

  net::Loop& loop_;
  H2Client& client_;
  net::Duration every_;
  std::uint32_t bytes_;
  int given_ = 0;
};

// What one answer is allowed to take holds up the others for ever, if it counts for them.
TEST_F(H2RulesTest, H2_4_AStreamIsNotKeptByTheProgressOfAnother) {
  handler_.script = much;
  settings_.write_stall = net::Duration(500);
  settings_.limits.glitches = 1'000'000;
  auto client = start({{4, 0x7FFFFFF}});
  for (std::uint32_t stream = 1; stream < 100; stream += 2) client->headers(stream, h2_get("/"));
  // As much as one answer's reader must take, in a fifth of the time: a tenth of what fifty have to.
  const Drip drip(loop_, *client, settings_.write_stall / 5, settings_.http2.progress);
  ASSERT_TRUE(run_until([&] { return !handler_.outcomes.empty(); }));
  EXPECT_EQ(handler_.outcomes[0].error, Code::client_gone);
  EXPECT_GE(drip.given(), 2) << "it was not for want of any progress";
}

TEST_F(H2RulesTest, H2_5_FloodsOfControlFramesEndTheConnection) {
  const auto ends = [this](const std::function<void(H2Client&)>& one) {
    auto client = start();
    client->headers(1, h2_post("/"), false);
    for (int i = 0; i < 5000 && !client->over(); ++i) {
      one(*client);
      if (i % 100 == 99) turn(2);
    }
    expect_end(*client, ErrorCode::enhance_your_calm);
  };
  handler_.script = [&](Incoming& incoming) { return support::say_path_after(incoming, gate_); };
  ends([](H2Client& client) { client.send(FrameType::ping, 0, 0, "01234567"); });
  ends([](H2Client& client) { client.send(support::h2_settings()); });
  ends([](H2Client& client) { client.data(1, ""); });
  ends([](H2Client& client) { client.send(FrameType::priority, 0, 1, h2_number(0) + "\x10"); });
  ends([](H2Client& client) { client.send(h2_window_update(0, 1)); });
  ends([](H2Client& client) { client.send(static_cast<FrameType>(0xBE), 0, 0, "what"); });
  ends([](H2Client& client) { client.send(h2_reset(1, ErrorCode::cancel)); });
}

// An answer that did not wait for the body; what still comes of it is nobody's.
TEST_F(H2RulesTest, H2_5_AFloodOfFramesForAStreamThatIsNoMoreEndsTheConnection) {
  for (const bool is_data : {true, false}) {
    auto client = start();
    client->headers(1, h2_post("/"), false);
    ASSERT_TRUE(run_until([&] { return client->answer(1).over(); }));
    for (int i = 0; i < 5000 && !client->over(); ++i) {
      is_data ? client->data(1, "") : client->headers(1, {{"x", "y"}});
      if (i % 100 == 99) turn(2);
    }
    expect_end(*client, ErrorCode::enhance_your_calm);
  }
}

TEST_F(H2RulesTest, H2_5_AWindowOfFramesForAStreamThatIsNoMoreIsFree) {
  auto client = start();
  client->headers(1, h2_post("/"), false);
  ASSERT_TRUE(run_until([&] { return client->answer(1).over(); }));
  for (int i = 0; i < 64; ++i) client->data(1, std::string(1000, 'x'));
  client->headers(3, h2_get("/next"));
  ASSERT_TRUE(answered(*client, 3));
  EXPECT_TRUE(client->goaways().empty());
}

TEST_F(H2RulesTest, H2_5_ControlFramesBesideABodyAreFree) {
  handler_.script = support::say_body;
  auto client = start();
  client->headers(1, h2_post("/"), false);
  for (std::size_t i = 1; i <= 1000; ++i) {
    client->data(1, "0123456789abcdef");
    client->send(FrameType::ping, 0, 0, "01234567");
    if (i % 100 == 0) {
      ASSERT_TRUE(run_until([&] { return client->pings_answered() == i; }));
    }
  }
  client->data(1, "", true);
  ASSERT_TRUE(answered(*client, 1));
  EXPECT_EQ(client->pings_answered(), 1000U);
  EXPECT_TRUE(client->goaways().empty());
}

TEST_F(H2RulesTest, H2_6_WhoDoesNotReadDoesNotMakeUsReceive) {
  handler_.script = [&](Incoming& incoming) { return support::say_path_after(incoming, gate_); };
  auto client = start();
  client->headers(1, h2_post("/"), false);
  for (int i = 0; i < 4; ++i) client->data(1, std::string(16'000, 'x'));
  turn();
  EXPECT_EQ(client->window_given(1), 0U);
  client->data(1, std::string(16'000, 'x'));  // beyond it
  expect_reset(*client, 1, ErrorCode::flow_control_error);
}

TEST_F(H2RulesTest, H2_7_MalformedHeadsAreReset) {
  const auto replaced = [](std::size_t at, std::string value) {
    HeaderList list = h2_get("/");
    list[at].second = std::move(value);
    return list;
  };
  const auto with = [](std::string name, std::string value) {
    return h2_get("/", {{std::move(name), std::move(value)}});
  };
  HeaderList twice = h2_get("/");
  twice.insert(twice.begin(), {":path", "/other"});
  HeaderList late = h2_get("/");
  late.insert(late.begin(), {"x", "y"});
  HeaderList no_path = h2_get("/");
  no_path.pop_back();
  const std::vector<HeaderList> all = {
      with("Upper", "x"),
      with("x", "a\rb"),
      with("x", "a\nb"),
      with("x", std::string("a\0b", 3)),
      with("x", " a"),
      with("x", "a "),
      with("x:y", "a"),
      with("x y", "a"),
      with("", "a"),
      with("connection", "close"),
      with("keep-alive", "1"),
      with("proxy-connection", "close"),
      with("transfer-encoding", "chunked"),
      with("upgrade", "websocket"),
      with("te", "gzip"),
      with("te", "trailers, deflate"),
      with("host", "other.example"),
      with(":late", "x"),
      with("content-length", "1, 1"),
      with("content-length", "+1"),
      twice,
      late,
      no_path,
      replaced(0, "GE T"),
      replaced(0, ""),
      replaced(1, "file"),
      replaced(1, "http://evil/"),
      replaced(3, ""),
      replaced(3, "no-slash"),
      replaced(3, "*"),
      replaced(3, "/a b"),
      replaced(3, "/a#b"),
      replaced(3, "/a HTTP/1.1\r\nHost: x"),
      {{":method", "CONNECT"}, {":path", "/"}, {":authority", "a"}},
      {{":method", "GET"}, {":scheme", "http"}, {":path", "/"}},
  };
  int at = 0;
  for (const HeaderList& list : all) {
    auto client = start();
    client->headers(1, list);
    ASSERT_TRUE(answered(*client, 1));
    EXPECT_EQ(client->answer(1).reset, ErrorCode::protocol_error) << "number " << at;
    ++at;
  }
  EXPECT_TRUE(handler_.seen.empty());
}

TEST_F(H2RulesTest, H2_7_WhatIsWellFormedAndNotAcceptedIsAnswered) {
  const auto status = [this](HeaderList list) {
    auto client = start();
    client->headers(1, list);
    EXPECT_TRUE(answered(*client, 1));
    return client->answer(1).status();
  };
  const auto replaced = [](std::size_t at, std::string value) {
    HeaderList list = h2_get("/");
    list[at].second = std::move(value);
    return list;
  };
  EXPECT_EQ(status(replaced(0, "TRACE")), "405");
  EXPECT_EQ(status(replaced(2, "user@host")), "400");
  EXPECT_EQ(status(replaced(3, "/a/%2F")), "400");
  EXPECT_EQ(status(replaced(3, "/" + std::string(9000, 'a'))), "414");
  EXPECT_EQ(status(h2_post("/", {{"expect", "cookies"}})), "417");
  EXPECT_EQ(status({{":method", "CONNECT"}, {":authority", "host:443"}}), "405");
  EXPECT_TRUE(handler_.seen.empty());
}

TEST_F(H2RulesTest, H2_7_ARefusedRequestIsNotWaitedFor) {
  const auto refused = [this](HeaderList list, std::string_view status) {
    auto client = start();
    client->headers(1, list, false);
    ASSERT_TRUE(run_until([&] { return client->answer(1).reset.has_value() || client->over(); }));
    EXPECT_EQ(client->answer(1).status(), status);
    EXPECT_EQ(client->answer(1).reset, ErrorCode::no_error);
    ASSERT_TRUE(run_until([&] { return server().idle() == 1; }));
    client->peer().close();
    ASSERT_TRUE(run_until([&] { return server().connections() == 0; }));
  };
  refused({{":method", "POST"}, {":scheme", "http"}, {":authority", "a"}, {":path", "/a/%2F"}}, "400");
  refused({{":method", "CONNECT"}, {":authority", "host:443"}}, "405");
  refused({{":method", "CONNECT"}, {":protocol", "other"}, {":scheme", "http"}, {":authority", "a"}, {":path", "/"}},
          "501");
}

TEST_F(H2RulesTest, H2_7_StreamsOutOfOrderEndTheConnection) {
  auto skipped = start();
  skipped->headers(5, h2_get("/"));
  skipped->headers(3, h2_get("/"));
  expect_end(*skipped, ErrorCode::protocol_error);
  auto closed = start();
  closed->headers(1, h2_get("/"));
  ASSERT_TRUE(answered(*closed, 1));
  closed->headers(1, h2_get("/"));
  expect_end(*closed, ErrorCode::stream_closed);
  auto data = start();
  data->headers(1, h2_get("/"));
  ASSERT_TRUE(answered(*data, 1));
  data->data(1, "more");
  expect_end(*data, ErrorCode::stream_closed);
}

TEST_F(H2RulesTest, H2_8_LengthsMustBeTrue) {
  handler_.script = support::say_body;
  auto none = start();
  none->headers(1, h2_post("/", {{"content-length", "5"}}));  // ends here
  expect_reset(*none, 1, ErrorCode::protocol_error);
  EXPECT_TRUE(handler_.seen.empty()) << "nothing of it may go upstream";
  auto shorter = start();
  shorter->headers(1, h2_post("/", {{"content-length", "5"}}), false);
  shorter->data(1, "abc", true);
  expect_reset(*shorter, 1, ErrorCode::protocol_error);
  auto longer = start();
  longer->headers(1, h2_post("/", {{"content-length", "5"}}), false);
  longer->data(1, "abcdefgh", true);
  expect_reset(*longer, 1, ErrorCode::protocol_error);
  auto trailers = start();
  trailers->headers(1, h2_post("/", {{"content-length", "5"}}), false);
  trailers->data(1, "abc");
  trailers->headers(1, {{"x", "y"}});
  expect_reset(*trailers, 1, ErrorCode::protocol_error);
  for (const Outcome& outcome : handler_.outcomes) EXPECT_NE(outcome.status, 200);
}

// As of a chunked body: whoever reads it is told, and the answer says what was too much.
TEST_F(H2RulesTest, H1_15_TrailersAreLimited) {
  handler_.script = support::say_body;
  auto client = start();
  client->headers(1, h2_post("/"), false);
  client->data(1, "abc");
  client->headers(1, {{"x", std::string(9000, 'x')}});
  ASSERT_TRUE(run_until([&] { return client->answer(1).over(); }));
  EXPECT_EQ(client->answer(1).status(), "431");
}

TEST_F(H2RulesTest, H2_9_OurTableStaysSmallWhateverTheClientAllows) {
  handler_.script = [](Incoming& incoming) -> net::Task<Result<Response>> {
    Response response = support::text_response(incoming.arena, "x");
    EXPECT_TRUE(response.head.fields.add(
        "X-Long", incoming.arena.copy(std::string(3000, 'a') + std::string(incoming.request.head.path))));
    co_return response;
  };
  auto client = start({{1, 1 << 30}});
  std::size_t before = 0;
  for (std::uint32_t i = 0; i < 50; ++i) {
    client->headers(1 + 2 * i, h2_get("/" + std::to_string(i)));
    ASSERT_TRUE(answered(*client, 1 + 2 * i));
    if (i == 20) before = ledger_.held();
  }
  EXPECT_LE(ledger_.held(), before + 1024);
}

TEST_F(H2RulesTest, H2_10_DrainTellsTwiceAndLetsStreamsFinish) {
  handler_.script = [&](Incoming& incoming) { return support::say_path_after(incoming, gate_); };
  auto client = start();
  client->headers(1, h2_get("/first"));
  ASSERT_TRUE(run_until([&] { return handler_.seen.size() == 1; }));
  server().drain();
  ASSERT_TRUE(run_until([&] { return client->goaways().size() == 1; }));
  EXPECT_EQ(client->goaways()[0].last, 0x7FFFFFFFU);
  client->headers(3, h2_get("/on-its-way"));
  client->answer_pings();
  ASSERT_TRUE(run_until([&] { return client->goaways().size() == 2; }));
  EXPECT_EQ(client->goaways()[1].last, 3U);
  client->headers(5, h2_post("/too-late"), false);
  client->data(5, "ignored", true);
  turn();
  gate_.open();
  ASSERT_TRUE(answered(*client, 3));
  EXPECT_EQ(client->answer(1).body, "/first");
  EXPECT_EQ(client->answer(3).body, "/on-its-way");
  ASSERT_TRUE(run_until([&] { return client->over(); }));
  EXPECT_TRUE(client->peer().saw_end());
  EXPECT_EQ(handler_.seen.size(), 2U);
}

TEST_F(H2RulesTest, H2_10_AClientThatDoesNotAnswerIsToldAllTheSame) {
  auto client = start();
  client->headers(1, h2_get("/"));
  ASSERT_TRUE(answered(*client, 1));
  server().drain();
  ASSERT_TRUE(run_until([&] { return client->over(); }));
  EXPECT_EQ(client->goaways().size(), 2U);
}

}  // namespace
}  // namespace sallyport::http::h2
