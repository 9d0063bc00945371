// SPDX-License-Identifier: Apache-2.0
// Serves requests as a test says, and keeps what it saw of them and how they ended.

#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "http/fixed_body.hpp"
#include "http/incoming.hpp"
#include "support/gate.hpp"

namespace sallyport::support {

class ScriptedHandler final : public http::Handler {
 public:
  using Script = std::function<net::Task<Result<http::Response>>(http::Incoming&)>;

  net::Task<Result<http::Response>> handle(http::Incoming& incoming) override {
    seen.push_back(std::string(incoming.request.head.path));
    watch(incoming);
    return script(incoming);
  }
  void refused(http::Incoming& incoming) override {
    ++refusals;
    watch(incoming);
  }

  Script script;
  std::vector<std::string> seen;  // paths
  int refusals = 0;
  std::vector<http::Outcome> outcomes;

 private:
  void watch(http::Incoming& incoming) {
    EXPECT_TRUE(incoming.after_last_byte([this](const http::Outcome& outcome) { outcomes.push_back(outcome); }));
  }
};

inline http::Response text_response(Arena& arena, std::string_view text) {
  http::Response response(arena);
  response.head.reason = "OK";
  response.head.framing = {.kind = http::Framing::Kind::length, .length = text.size()};
  response.body.reset(arena.make<http::FixedBody>(arena.copy(text)));
  return response;
}

// Answers with the path.
inline net::Task<Result<http::Response>> say_path(http::Incoming& incoming) {
  co_return text_response(incoming.arena, incoming.request.head.path);
}

// The same when the gate opens.
inline net::Task<Result<http::Response>> say_path_after(http::Incoming& incoming, Gate& gate) {
  co_await gate.opened();
  co_return text_response(incoming.arena, incoming.request.head.path);
}

// Answers with the request's body, once all of it is there.
inline net::Task<Result<http::Response>> say_body(http::Incoming& incoming) {
  std::string all;
  while (incoming.request.body != nullptr) {
    const Result<std::string_view> piece = co_await incoming.request.body->read();
    if (!piece) co_return Failure(piece.error());
    if (piece->empty()) break;
    all += *piece;
  }
  co_return text_response(incoming.arena, all);
}

}  // namespace sallyport::support
