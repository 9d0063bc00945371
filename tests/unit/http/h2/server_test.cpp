// SPDX-License-Identifier: Apache-2.0
// Requests and answers over HTTP/2 as they should be.

#include <gtest/gtest.h>

#include <algorithm>

#include "unit/http/h2/h2_server_test.hpp"

namespace sallyport::http::h2 {
namespace {

using support::Gate;
using support::ScriptedBody;

net::Task<Result<Response>> says_chunks(Incoming& incoming, std::vector<std::string> pieces, Gate* gate) {
  Response response(incoming.arena);
  auto* body = incoming.arena.make<ScriptedBody>();
  for (const std::string& piece : pieces) body->add(piece, gate);
  response.head.framing.kind = Framing::Kind::chunked;
  response.body = ArenaPtr<Body>(body);
  co_return response;
}

net::Task<Result<Response>> counts_bytes(Incoming& incoming, std::size_t& read) {
  for (;;) {
    const Result<std::string_view> piece = co_await incoming.request.body->read();
    if (!piece || piece->empty()) break;
    read += piece->size();
  }
  co_return Response(incoming.arena);
}

// Reads those of the request, and has one of its own.
net::Task<Result<Response>> swaps_trailers(Incoming& incoming, std::string& seen) {
  for (;;) {
    const Result<std::string_view> piece = co_await incoming.request.body->read();
    if (!piece || piece->empty()) break;
  }
  const Fields* trailers = incoming.request.body->trailers();
  if (trailers != nullptr) seen = trailers->begin()->value;
  auto* fields = incoming.arena.make<Fields>(incoming.arena);
  EXPECT_TRUE(fields->add("Grpc-Status", "0"));
  auto* body = incoming.arena.make<ScriptedBody>();
  body->add("x");
  body->set_trailers(*fields);
  Response response(incoming.arena);
  response.head.framing.kind = Framing::Kind::chunked;
  response.body = ArenaPtr<Body>(body);
  co_return response;
}

TEST_F(H2ServerTest, ARequestIsAnswered) {
  auto client = start();
  client->headers(1, h2_get("/a?b=c"));
  ASSERT_TRUE(answered(*client, 1));
  EXPECT_EQ(client->answer(1).status(), "200");
  EXPECT_EQ(client->answer(1).body, "/a");
  EXPECT_EQ(client->answer(1).value("content-length"), "2");
  EXPECT_EQ(client->answer(1).value("server"), "sallyport");
  EXPECT_FALSE(client->answer(1).value("date").empty());
  EXPECT_EQ(client->answer(1).frames, 1U) << "the end goes with the last byte";
  ASSERT_EQ(handler_.outcomes.size(), 1U);
  EXPECT_EQ(handler_.outcomes[0].status, 200);
  EXPECT_EQ(handler_.outcomes[0].sent, 2U);
  EXPECT_FALSE(handler_.outcomes[0].error);
}

TEST_F(H2ServerTest, WhatItSaysOfItself) {
  auto client = start();
  ASSERT_TRUE(run_until([&] { return client->settings_seen() == 1 && client->settings_acknowledged() == 1; }));
  EXPECT_EQ(client->settings().at(3), 100U) << "streams at a time";
  EXPECT_EQ(client->settings().at(4), 64U * 1024) << "window of a stream";
  EXPECT_EQ(client->settings().at(6), 32U * 1024) << "bytes of a head";
  EXPECT_EQ(client->settings().at(8), 1U) << "extended CONNECT";
  EXPECT_EQ(client->window_given(0), 256U * 1024 - 65535);
}

TEST_F(H2ServerTest, ByteByByteItIsTheSame) {
  auto client = connect();
  const std::string all =
      std::string(preface) + support::h2_settings() +
      h2_frame(FrameType::headers, flag_end_headers | flag_end_stream, 1, client->block(h2_get("/")));
  for (const char byte : all) {
    client->send(std::string_view(&byte, 1));
    turn(2);
  }
  ASSERT_TRUE(answered(*client, 1));
  EXPECT_EQ(client->answer(1).body, "/");
}

TEST_F(H2ServerTest, WhatWasReceivedElsewhereComesFirst) {
  const std::string all = std::string(preface) + support::h2_settings();
  auto client = connect(all.substr(0, 18));
  client->send(all.substr(18));
  client->headers(1, h2_get("/early"));
  ASSERT_TRUE(answered(*client, 1));
  EXPECT_EQ(client->answer(1).body, "/early");
}

TEST_F(H2ServerTest, ManyStreamsAreServedAtOnce) {
  handler_.script = [&](Incoming& incoming) { return support::say_path_after(incoming, gate_); };
  auto client = start();
  for (std::uint32_t stream = 1; stream < 200; stream += 2)
    client->headers(stream, h2_get("/" + std::to_string(stream)));
  ASSERT_TRUE(run_until([&] { return handler_.seen.size() == 100; }));
  gate_.open();
  ASSERT_TRUE(run_until([&] { return client->answer(199).over(); }));
  for (std::uint32_t stream = 1; stream < 200; stream += 2) {
    ASSERT_TRUE(answered(*client, stream));
    EXPECT_EQ(client->answer(stream).body, "/" + std::to_string(stream));
  }
}

// What its client takes back meanwhile has cost nobody upstream anything.
TEST_F(H2ServerTest, RequestsBeyondThoseOfATurnWaitForTheNext) {
  handler_.script = [&](Incoming& incoming) { return support::say_path_after(incoming, gate_); };
  auto client = start();
  turn();
  std::string all;
  for (std::uint32_t stream = 1; stream < 200; stream += 2) {
    all += h2_frame(FrameType::headers, flag_end_headers | flag_end_stream, stream, client->block(h2_get("/")));
  }
  client->send(all);
  std::vector<std::size_t> begun;
  ASSERT_TRUE(run_until([&] {
    if (begun.empty() || begun.back() != handler_.seen.size()) begun.push_back(handler_.seen.size());
    return begun.back() == 100;
  }));
  for (std::size_t at = 1; at < begun.size(); ++at) EXPECT_LE(begun[at] - begun[at - 1], 16U);
  gate_.open();
  ASSERT_TRUE(answered(*client, 199));
}

// CVE-2025-8671: the server is made to reset what it was asked.
TEST_F(H2ServerTest, ARequestThatIsMalformedByWhatCameWithItIsNotHandled) {
  auto client = start();
  turn();
  const std::string head = client->block(h2_post("/", {{"content-length", "5"}}));
  client->send(h2_frame(FrameType::headers, flag_end_headers, 1, head) +
               h2_frame(FrameType::data, flag_end_stream, 1, "x"));
  expect_reset(*client, 1, ErrorCode::protocol_error);
  EXPECT_TRUE(handler_.seen.empty());
  ASSERT_EQ(handler_.outcomes.size(), 1U);
  EXPECT_EQ(handler_.outcomes[0].rule, std::string("H2-8"));
  client->headers(3, h2_get("/after"));
  ASSERT_TRUE(answered(*client, 3));
  EXPECT_EQ(client->answer(3).body, "/after");
}

// A request with a body begins although its client takes nothing of what it was sent.
TEST_F(H2ServerTest, AnUploadBeginsBesideAnAnswerThatIsNotTaken) {
  auto client = start({{4, 1U << 30}});
  client->send(h2_window_update(0, 1U << 30));
  handler_.script = [&](Incoming& incoming) {
    return says_chunks(incoming, std::vector<std::string>(64, std::string(256 * 1024, 'x')), nullptr);
  };
  client->peer().hold();
  client->headers(1, h2_get("/big"));
  turn(64);
  handler_.script = support::say_body;
  client->headers(3, h2_post("/up"), false);
  client->data(3, "more");
  ASSERT_TRUE(run_until([&] { return handler_.seen.size() == 2; }));
}

TEST_F(H2ServerTest, OfSmallFramesNoMoreThanAFewAreReadInATurn) {
  std::size_t read = 0;
  std::size_t most = 0;
  handler_.script = [&](Incoming& incoming) { return counts_bytes(incoming, read); };
  auto client = start();
  client->headers(1, h2_post("/"), false);
  std::string all;
  for (int i = 0; i < 4000; ++i) all += h2_frame(FrameType::data, 0, 1, "x");
  client->send(all + h2_frame(FrameType::data, flag_end_stream, 1, ""));
  std::size_t before = 0;
  ASSERT_TRUE(run_until([&] {
    most = std::max(most, read - before);
    before = read;
    return read == 4000;
  }));
  EXPECT_LE(most, 4096U / 10 + 1);
}

TEST_F(H2ServerTest, StreamsBeyondTheLimitAreRefused) {
  settings_.http2.streams = 2;
  handler_.script = [&](Incoming& incoming) { return support::say_path_after(incoming, gate_); };
  auto client = start();
  for (const std::uint32_t stream : {1U, 3U, 5U}) client->headers(stream, h2_get("/"));
  expect_reset(*client, 5, ErrorCode::refused_stream);
  gate_.open();
  ASSERT_TRUE(answered(*client, 1));
  ASSERT_TRUE(answered(*client, 3));
  client->headers(7, h2_get("/later"));
  ASSERT_TRUE(answered(*client, 7));
  EXPECT_EQ(client->answer(7).body, "/later");
}

TEST_F(H2ServerTest, ABodyIsReadAndItsSizeIsKnown) {
  handler_.script = support::say_body;
  auto client = start();
  client->headers(1, h2_post("/", {{"content-length", "6"}}), false);
  client->data(1, "abc");
  turn();
  client->data(1, "def", true);
  ASSERT_TRUE(answered(*client, 1));
  EXPECT_EQ(client->answer(1).body, "abcdef");
  EXPECT_EQ(handler_.outcomes.at(0).received, 6U);
}

TEST_F(H2ServerTest, ALongBodyGoesThroughTheWindow) {
  handler_.script = support::say_body;
  auto client = start({{4, 1 << 20}});
  client->send(h2_window_update(0, 1 << 20));
  const std::string piece(16 * 1024, 'x');
  client->headers(1, h2_post("/"), false);
  std::uint64_t sent = 0;
  std::uint64_t window = 65535;  // until both know of another
  constexpr std::uint64_t size = 192 * 1024;
  ASSERT_TRUE(run_until([&] {
    while (sent < size && sent + piece.size() <= window + client->window_given(1)) {
      sent += piece.size();
      client->data(1, piece, sent == size);
    }
    return client->answer(1).over();
  }));
  EXPECT_EQ(client->answer(1).body.size(), size);
}

TEST_F(H2ServerTest, ContinueIsSaidWhenTheBodyIsWanted) {
  handler_.script = support::say_body;
  auto client = start();
  client->headers(1, h2_post("/", {{"expect", "100-continue"}, {"content-length", "2"}}), false);
  ASSERT_TRUE(run_until([&] { return client->answer(1).interim.size() == 1; }));
  EXPECT_EQ(client->answer(1).interim[0][0].second, "100");
  client->data(1, "ok", true);
  ASSERT_TRUE(answered(*client, 1));
  EXPECT_EQ(client->answer(1).body, "ok");
}

TEST_F(H2ServerTest, AnAnswerBeforeTheBodyEndsTheUploadWithoutAnError) {
  auto client = start();
  client->headers(1, h2_post("/early", {{"content-length", "100000"}}), false);
  ASSERT_TRUE(run_until([&] { return client->answer(1).reset.has_value(); }));
  EXPECT_EQ(client->answer(1).status(), "200");
  EXPECT_EQ(client->answer(1).body, "/early");
  EXPECT_TRUE(client->answer(1).ended);
  EXPECT_EQ(client->answer(1).reset, ErrorCode::no_error);
  client->data(1, "still on its way");
  client->headers(3, h2_get("/next"));
  ASSERT_TRUE(answered(*client, 3));
  EXPECT_EQ(client->answer(3).body, "/next");
}

TEST_F(H2ServerTest, InterimHeadsAreRelayed) {
  handler_.script = [](Incoming& incoming) -> net::Task<Result<Response>> {
    ResponseHead hints(incoming.arena);
    hints.status = 103;
    EXPECT_TRUE(hints.fields.add("Link", "</a.css>"));
    const Result<void> sent = co_await incoming.interim.interim(hints);
    EXPECT_TRUE(sent);
    co_return support::text_response(incoming.arena, "done");
  };
  auto client = start();
  client->headers(1, h2_get("/"));
  ASSERT_TRUE(answered(*client, 1));
  ASSERT_EQ(client->answer(1).interim.size(), 1U);
  const HeaderList hints = {{":status", "103"}, {"link", "</a.css>"}};
  EXPECT_EQ(client->answer(1).interim[0], hints);
}

TEST_F(H2ServerTest, TrailersPassBothWays) {
  std::string seen;
  handler_.script = [&](Incoming& incoming) { return swaps_trailers(incoming, seen); };
  auto client = start();
  client->headers(1, h2_post("/", {{"te", "trailers"}}), false);
  client->data(1, "abc");
  client->headers(1, {{"checksum", "900150983cd24fb0"}, {"content-type", "not/here"}});
  ASSERT_TRUE(answered(*client, 1));
  EXPECT_EQ(seen, "900150983cd24fb0");
  const HeaderList trailers = {{"grpc-status", "0"}};
  EXPECT_EQ(client->answer(1).trailers, trailers);
  EXPECT_EQ(server().notes().trailers_dropped, 1U);
}

TEST_F(H2ServerTest, HeadHasTheLengthAndNoBody) {
  auto client = start();
  HeaderList head = h2_get("/abc");
  head[0].second = "HEAD";
  client->headers(1, head);
  ASSERT_TRUE(answered(*client, 1));
  EXPECT_EQ(client->answer(1).value("content-length"), "4");
  EXPECT_EQ(client->answer(1).frames, 0U);
}

net::Task<Result<Response>> says_much_in_fields(Incoming& incoming) {
  Response response = support::text_response(incoming.arena, incoming.request.head.path);
  for (const char c : std::string_view("abc")) {
    const std::string_view value = incoming.arena.copy(std::string(15'000, c));
    EXPECT_TRUE(response.head.fields.add("X-Long", value));
  }
  co_return response;
}

TEST_F(H2ServerTest, HeadsLargerThanAFrameComeWhole) {
  handler_.script = says_much_in_fields;
  auto client = start();
  for (const std::uint32_t stream : {1U, 3U, 5U, 7U}) client->headers(stream, h2_get("/" + std::to_string(stream)));
  for (const std::uint32_t stream : {1U, 3U, 5U, 7U}) {
    ASSERT_TRUE(answered(*client, stream));
    EXPECT_EQ(client->answer(stream).body, "/" + std::to_string(stream));
    std::size_t bytes = 0;
    for (const auto& [name, value] : client->answer(stream).head) bytes += name == "x-long" ? value.size() : 0;
    EXPECT_EQ(bytes, 45'000U);
  }
}

TEST_F(H2ServerTest, CrumbsOfCookieAreOne) {
  std::string cookie;
  handler_.script = [&](Incoming& incoming) {
    cookie = incoming.request.head.fields.value(syntax::HeaderId::cookie);
    return support::say_path(incoming);
  };
  auto client = start();
  client->headers(1, h2_get("/", {{"cookie", "a=1"}, {"accept", "*/*"}, {"cookie", "b=2"}, {"cookie", "c=3"}}));
  ASSERT_TRUE(answered(*client, 1));
  EXPECT_EQ(cookie, "a=1; b=2; c=3");
}

TEST_F(H2ServerTest, AnErrorOfTheHandlerIsAnAnswer) {
  handler_.script = [](Incoming&) -> net::Task<Result<Response>> { co_return fail(Code::no_path); };
  auto client = start();
  client->headers(1, h2_get("/"));
  ASSERT_TRUE(answered(*client, 1));
  EXPECT_EQ(client->answer(1).status(), "404");
  EXPECT_EQ(handler_.outcomes.at(0).error, Code::no_path);
}

TEST_F(H2ServerTest, ABodyThatBreaksIsAReset) {
  handler_.script = [](Incoming& incoming) -> net::Task<Result<Response>> {
    Response response(incoming.arena);
    auto* body = incoming.arena.make<ScriptedBody>();
    body->add(std::string(5000, 'x'));
    body->fail_at_end({.code = Code::upstream_truncated});
    response.head.framing.kind = Framing::Kind::chunked;
    response.body = ArenaPtr<Body>(body);
    co_return response;
  };
  auto client = start();
  client->headers(1, h2_get("/"));
  expect_reset(*client, 1, ErrorCode::internal_error);
  EXPECT_FALSE(client->answer(1).ended);
  EXPECT_EQ(handler_.outcomes.at(0).error, Code::upstream_truncated);
  client->headers(3, h2_get("/"));
  ASSERT_TRUE(answered(*client, 3));
}

TEST_F(H2ServerTest, ABodyThatBreaksBeforeTheHeadIsAnotherAnswer) {
  handler_.script = [](Incoming& incoming) -> net::Task<Result<Response>> {
    Response response(incoming.arena);
    auto* body = incoming.arena.make<ScriptedBody>();
    body->fail_at_end({.code = Code::upstream_malformed});
    response.head.framing.kind = Framing::Kind::chunked;
    response.body = ArenaPtr<Body>(body);
    co_return response;
  };
  auto client = start();
  client->headers(1, h2_get("/"));
  ASSERT_TRUE(answered(*client, 1));
  EXPECT_EQ(client->answer(1).status(), "502");
}

TEST_F(H2ServerTest, PiecesGoOutAsTheyCome) {
  handler_.script = [&](Incoming& incoming) { return says_chunks(incoming, {"one"}, &gate_); };
  auto client = start();
  client->headers(1, h2_get("/"));
  ASSERT_TRUE(run_until([&] { return client->answer(1).status() == "200"; })) << "the head does not wait";
  EXPECT_EQ(client->answer(1).frames, 0U);
  gate_.open();
  ASSERT_TRUE(answered(*client, 1));
  EXPECT_EQ(client->answer(1).body, "one");
}

TEST_F(H2ServerTest, ShortPiecesGoOutTogether) {
  handler_.script = [](Incoming& incoming) { return says_chunks(incoming, {"a", "b", "c"}, nullptr); };
  auto client = start();
  client->headers(1, h2_get("/"));
  ASSERT_TRUE(answered(*client, 1));
  EXPECT_EQ(client->answer(1).body, "abc");
  EXPECT_EQ(client->answer(1).frames, 1U);
}

TEST_F(H2ServerTest, AResetEndsTheExchangeAtOnce) {
  handler_.script = [&](Incoming& incoming) { return support::say_path_after(incoming, gate_); };
  auto client = start();
  client->headers(1, h2_get("/"));
  ASSERT_TRUE(run_until([&] { return handler_.seen.size() == 1; }));
  client->send(h2_reset(1, ErrorCode::cancel));
  ASSERT_TRUE(run_until([&] { return handler_.outcomes.size() == 1; }));
  EXPECT_EQ(handler_.outcomes[0].error, Code::client_gone);
  client->headers(3, h2_get("/"));
  gate_.open();
  ASSERT_TRUE(answered(*client, 3));
}

TEST_F(H2ServerTest, AClientThatIsGoneEndsAllExchanges) {
  handler_.script = [&](Incoming& incoming) { return support::say_path_after(incoming, gate_); };
  auto client = start();
  client->headers(1, h2_get("/"));
  client->headers(3, h2_get("/"));
  ASSERT_TRUE(run_until([&] { return handler_.seen.size() == 2; }));
  client->peer().reset();
  ASSERT_TRUE(run_until([&] { return closed_ == 1; }));
  EXPECT_EQ(handler_.outcomes.size(), 2U);
  EXPECT_EQ(server().connections(), 0U);
  EXPECT_EQ(ledger_.held(), 0U);
}

TEST_F(H2ServerTest, TheServerGoesWithEverythingInFlight) {
  handler_.script = [&](Incoming& incoming) { return support::say_path_after(incoming, gate_); };
  auto client = start();
  client->headers(1, h2_post("/"), false);
  client->data(1, "unread");
  ASSERT_TRUE(run_until([&] { return handler_.seen.size() == 1; }));
  destroy_server();
  EXPECT_EQ(handler_.outcomes.size(), 1U);
  EXPECT_EQ(ledger_.held(), 0U);
}

}  // namespace
}  // namespace sallyport::http::h2
