// SPDX-License-Identifier: Apache-2.0
#include "proxy/capped_body.hpp"

#include <gtest/gtest.h>

#include "support/scripted_body.hpp"

namespace sallyport::proxy {
namespace {

struct ReadAll {
  std::string text;
  std::optional<Error> error;
};

net::Task<void> read_all(http::Body& body, ReadAll& all) {
  for (;;) {
    const Result<std::string_view> piece = co_await body.read();
    if (!piece) all.error = piece.error();
    if (!piece || piece->empty()) co_return;
    all.text += *piece;
  }
}

ReadAll read_all(http::Body& body) {
  ReadAll all;
  auto task = read_all(body, all);
  task.start();
  EXPECT_TRUE(task.done());
  return all;
}

support::ScriptedBody* ten_bytes(Arena& arena) {
  auto* body = arena.make<support::ScriptedBody>();
  body->add("12345");
  body->add("67890");
  return body;
}

TEST(CappedBody, GivesWhatIsAsLongAsAllowed) {
  Arena arena;
  const auto body = cap(ArenaPtr<http::Body>(ten_bytes(arena)), arena, 10);
  const ReadAll all = read_all(*body);
  EXPECT_EQ(all.text, "1234567890");
  EXPECT_FALSE(all.error);
}

TEST(CappedBody, FailsWhenLongerAndStaysSo) {
  Arena arena;
  const auto body = cap(ArenaPtr<http::Body>(ten_bytes(arena)), arena, 9);
  const ReadAll all = read_all(*body);
  EXPECT_EQ(all.text, "12345");
  ASSERT_TRUE(all.error);
  EXPECT_EQ(all.error->code, Code::upstream_malformed);
  EXPECT_TRUE(body->ready());
  const ReadAll again = read_all(*body);
  EXPECT_EQ(again.text, "");
  EXPECT_TRUE(again.error);
}

TEST(CappedBody, PassesAnErrorOn) {
  Arena arena;
  auto* inner = ten_bytes(arena);
  inner->fail_at_end({.code = Code::upstream_truncated});
  const auto body = cap(ArenaPtr<http::Body>(inner), arena, 100);
  EXPECT_EQ(read_all(*body).error->code, Code::upstream_truncated);
}

TEST(CappedBody, IsNullWithoutRoom) {
  Arena arena(sizeof(support::ScriptedBody));
  auto* inner = arena.make<support::ScriptedBody>();
  ASSERT_NE(inner, nullptr);
  while (arena.allocate(1, 1) != nullptr) {
  }
  EXPECT_EQ(cap(ArenaPtr<http::Body>(inner), arena, 100), nullptr);
}

}  // namespace
}  // namespace sallyport::proxy
