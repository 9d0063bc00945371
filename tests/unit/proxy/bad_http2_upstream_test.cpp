// SPDX-License-Identifier: Apache-2.0
// Upstreams of HTTP/2 that do not keep to the rules: what the client gets for each, and that the next request is served
// as if nothing had been (reference: reliability-security.md H1-18, H2-2 to H2-8).
#include <gtest/gtest.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "unit/proxy/h2_origin.hpp"
#include "unit/proxy/upstream_test.hpp"

namespace sallyport::proxy {
namespace {

using http::h2::ErrorCode;
using http::h2::FrameType;
using support::H2Client;
using support::HeaderList;

constexpr std::uint8_t end_headers = http::h2::flag_end_headers;

struct Case {
  std::string name;
  std::function<void(H2Client&)> play;  // behind the request, which is on stream 1
  std::optional<Code> head;             // instead of an answer
  std::optional<Code> body;             // instead of the end of its body
};

HeaderList ok(HeaderList more = {}) {
  HeaderList list = {{":status", "200"}};
  list.insert(list.end(), more.begin(), more.end());
  return list;
}

Case head(std::string name, HeaderList list, bool ends = false) {
  return {std::move(name), [list, ends](H2Client& it) { it.headers(1, list, ends); }, Code::upstream_malformed, {}};
}

Case reset(std::string name, ErrorCode error) {
  return {std::move(name), [error](H2Client& it) { it.send(support::h2_reset(1, error)); }, Code::upstream_reset, {}};
}

Case frame(std::string name, FrameType type, std::uint8_t flags, std::uint32_t stream, std::string payload) {
  return {std::move(name), [=](H2Client& it) { it.send(type, flags, stream, payload); }, Code::upstream_malformed, {}};
}

Case flood(std::string name, FrameType type, std::uint8_t flags, std::string payload) {
  return {std::move(name),
          [=](H2Client& it) {
            std::string all;
            for (int i = 0; i < 2000; ++i) all += support::h2_frame(type, flags, 0, payload);
            it.send(all);
          },
          Code::upstream_malformed,
          {}};
}

HeaderList many_fields(std::size_t count, std::size_t size) {
  HeaderList list = ok();
  for (std::size_t i = 0; i < count; ++i) list.emplace_back("x-" + std::to_string(i), std::string(size, 'a'));
  return list;
}

std::vector<Case> heads() {
  return {
      head("no_status", {{"x", "y"}}),
      head("two_statuses", {{":status", "200"}, {":status", "200"}}),
      head("short_status", {{":status", "20"}}),
      head("long_status", {{":status", "2000"}}),
      head("status_is_no_number", {{":status", "abc"}}),
      head("status_600", {{":status", "600"}}),
      head("pseudo_field_of_requests", {{":status", "200"}, {":path", "/"}}),
      head("pseudo_field_behind_others", {{"x", "y"}, {":status", "200"}}),
      head("upper_case", ok({{"Upper", "x"}})),
      head("connection", ok({{"connection", "close"}})),
      head("keep_alive", ok({{"keep-alive", "timeout=5"}})),
      head("transfer_encoding", ok({{"transfer-encoding", "chunked"}})),
      head("upgrade", ok({{"upgrade", "websocket"}})),
      head("value_with_cr", ok({{"x", "a\rb"}})),
      head("value_with_nul", ok({{"x", std::string("a\0b", 3)}})),
      head("value_with_a_blank_before", ok({{"x", " a"}})),
      head("name_with_a_blank", ok({{"x y", "a"}})),
      head("name_with_a_colon", ok({{"x:y", "a"}})),
      head("two_lengths", ok({{"content-length", "5"}, {"content-length", "5"}})),
      head("length_is_no_number", ok({{"content-length", "five"}})),
      head("length_with_a_sign", ok({{"content-length", "+5"}})),
      head("length_and_no_body", ok({{"content-length", "5"}}), true),
      head("switch_of_protocols", {{":status", "101"}}),
      head("interim_answer_that_ends", {{":status", "103"}}, true),
      head("too_many_fields", many_fields(101, 1)),
      head("too_long", many_fields(40, 1000)),
  };
}

std::vector<Case> frames() {
  return {
      reset("reset_internal_error", ErrorCode::internal_error),
      reset("reset_cancel", ErrorCode::cancel),
      reset("reset_protocol_error", ErrorCode::protocol_error),
      reset("reset_no_error", ErrorCode::no_error),
      reset("reset_enhance_your_calm", ErrorCode::enhance_your_calm),
      reset("reset_http_1_1_required", ErrorCode::http_1_1_required),
      frame("data_before_a_head", FrameType::data, 0, 1, "x"),
      {"push",
       [](H2Client& it) {
         it.send(FrameType::settings, http::h2::flag_ack, 0);  // which say that there is none
         it.send(FrameType::push_promise, end_headers, 1, std::string("\0\0\0\2\x88", 5));
       },
       Code::upstream_malformed,
       {}},
      frame("stream_of_its_own", FrameType::headers, end_headers, 2, "\x88"),
      frame("stream_that_nobody_opened", FrameType::data, 0, 5, "x"),
      frame("frame_too_large", FrameType::data, 0, 1, std::string(20'000, 'x')),
      frame("broken_compression", FrameType::headers, end_headers, 1, std::string(8, '\xff')),
      frame("window_by_nothing", FrameType::window_update, 0, 0, std::string(4, '\0')),
      frame("window_of_all_overflows", FrameType::window_update, 0, 0, "\x7f\xff\xff\xff"),
      frame("settings_of_odd_size", FrameType::settings, 0, 0, "abc"),
      frame("continuation_of_nothing", FrameType::continuation, end_headers, 1, "\x88"),
      flood("ping_flood", FrameType::ping, 0, "12345678"),
      flood("settings_flood", FrameType::settings, 0, ""),
      {"continuation_flood",
       [](H2Client& it) {
         it.send(FrameType::headers, 0, 1, "\x88");
         for (int i = 0; i < 100; ++i) it.send(FrameType::continuation, 0, 1, "");
       },
       Code::upstream_malformed,
       {}},
      {"interim_flood",
       [](H2Client& it) {
         for (int i = 0; i < 20; ++i) it.headers(1, {{":status", "103"}}, false);
       },
       Code::upstream_malformed,
       {}},
      {"http_1", [](H2Client& it) { it.send("HTTP/1.1 400 Bad Request\r\n\r\n"); }, Code::upstream_malformed, {}},
      {"end_of_the_connection", [](H2Client& it) { it.peer().close(); }, Code::upstream_reset, {}},
      {"reset_of_the_connection", [](H2Client& it) { it.peer().reset(); }, Code::upstream_reset, {}},
      {"silence", [](H2Client&) {}, Code::upstream_timeout, {}},
  };
}

std::vector<Case> bodies() {
  const auto begun = [](HeaderList more, std::function<void(H2Client&)> then) {
    return [more, then](H2Client& it) {
      it.headers(1, ok(more), false);
      then(it);
    };
  };
  return {
      {"body_shorter_than_its_length",
       begun({{"content-length", "5"}}, [](H2Client& it) { it.data(1, "abc", true); }),
       {},
       Code::upstream_malformed},
      {"body_longer_than_its_length",
       begun({{"content-length", "5"}}, [](H2Client& it) { it.data(1, "abcdefgh", true); }),
       {},
       Code::upstream_malformed},
      {"body_that_is_reset",
       begun({}, [](H2Client& it) { it.send(support::h2_reset(1, ErrorCode::internal_error)); }),
       {},
       Code::upstream_reset},
      {"body_whose_connection_ends", begun({}, [](H2Client& it) { it.peer().close(); }), {}, Code::upstream_truncated},
      {"body_that_stops", begun({}, [](H2Client& it) { it.data(1, "abc"); }), {}, Code::upstream_timeout},
      {"trailers_that_do_not_end",
       begun({}, [](H2Client& it) { it.headers(1, {{"x", "y"}}, false); }),
       {},
       Code::upstream_malformed},
      {"trailers_with_a_pseudo_field",
       begun({}, [](H2Client& it) { it.headers(1, {{":status", "200"}}, true); }),
       {},
       Code::upstream_malformed},
      {"trailers_with_a_line_end",
       begun({}, [](H2Client& it) { it.headers(1, {{"x", "a\nb"}}, true); }),
       {},
       Code::upstream_malformed},
      {"window_of_a_stream_overflows",
       begun({}, [](H2Client& it) { it.send(support::h2_window_update(1, 0x7fffffff)); }),
       {},
       Code::upstream_reset},
  };
}

class BadHttp2Upstream : public UpstreamTest, public testing::WithParamInterface<Case> {};

TEST_P(BadHttp2Upstream, GetsTheRightErrorAndHarmsNobodyElse) {
  const Case& bad = GetParam();
  if (bad.head == Code::upstream_timeout) settings_.head = net::Duration(100);
  if (bad.body == Code::upstream_timeout) settings_.body.grace = net::Duration(100);
  H2Origin origin(loop_);
  Pool& from = http2_pool({active(origin.address())});

  const auto call = get();
  call->start(from);
  ASSERT_TRUE(run_until([&] { return origin.next_asked().second == 1; }));
  bad.play(origin.connection(0));
  ASSERT_TRUE(run_until([&] { return call->answered(); }));
  if (bad.head) {
    ASSERT_TRUE(call->error()) << call->status();
    EXPECT_EQ(call->error()->code, *bad.head) << call->error()->detail;
  } else {
    ASSERT_EQ(call->status(), 200);
    call->start_reading();
    ASSERT_TRUE(run_until([&] { return call->body_ended; }));
    ASSERT_TRUE(call->body_error);
    EXPECT_EQ(call->body_error->code, *bad.body) << call->body_error->detail;
  }
  call->drop();

  const auto next = get();
  next->start(from);
  std::pair<std::size_t, std::uint32_t> where;
  ASSERT_TRUE(run_until([&] { return (where = origin.next_asked()).second != 0; }));
  origin.connection(where.first).headers(where.second, ok(), false);
  origin.connection(where.first).data(where.second, "fine", true);
  ASSERT_TRUE(run_until([&] { return next->answered(); }));
  ASSERT_EQ(next->status(), 200);
  next->start_reading();
  ASSERT_TRUE(run_until([&] { return next->body_ended; }));
  EXPECT_EQ(next->body, "fine");
  EXPECT_FALSE(next->body_error);
}

std::string name_of(const testing::TestParamInfo<Case>& info) { return info.param.name; }

INSTANTIATE_TEST_SUITE_P(Heads, BadHttp2Upstream, testing::ValuesIn(heads()), name_of);
INSTANTIATE_TEST_SUITE_P(Frames, BadHttp2Upstream, testing::ValuesIn(frames()), name_of);
INSTANTIATE_TEST_SUITE_P(Bodies, BadHttp2Upstream, testing::ValuesIn(bodies()), name_of);

}  // namespace
}  // namespace sallyport::proxy
