// SPDX-License-Identifier: Apache-2.0
// An API server that a test plays: it is asked what was asked, and answers as the test says. A stream may be added to
// while it is read, and ends when the test says so.

#pragma once

#include <algorithm>
#include <coroutine>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/loop.hpp"
#include "sources/api_server/api.hpp"

namespace sallyport::support {

// One answer. What the test does to it wakes up who reads it.
class Reply {
 public:
  enum class End : std::uint8_t { none, whole, broken };

  explicit Reply(unsigned code = 200) : status(code) {}

  Reply& add(std::string piece) {
    pieces.push_back(std::move(piece));
    wake();
    return *this;
  }
  Reply& finish(End how = End::whole) {
    end = how;
    wake();
    return *this;
  }

  unsigned status;
  std::optional<net::Duration> retry_after;
  std::deque<std::string> pieces;
  End end = End::none;
  net::Time deadline{};  // of the last read
  bool is_dropped = false;

 private:
  friend class ScriptedStream;

  void wake() {
    if (reader) std::exchange(reader, {}).resume();
  }

  std::coroutine_handle<> reader;
};

using ReplyPtr = std::shared_ptr<Reply>;

class ScriptedStream final : public sources::api_server::Stream {
 public:
  ScriptedStream(net::Loop& loop, ReplyPtr reply) : loop_(loop), reply_(std::move(reply)) {}
  ~ScriptedStream() override { reply_->is_dropped = true; }

  unsigned status() const override { return reply_->status; }
  std::optional<net::Duration> retry_after() const override { return reply_->retry_after; }

  net::Task<Result<std::string_view>> read(net::Time deadline) override {
    reply_->deadline = deadline;
    while (reply_->pieces.empty() && reply_->end == Reply::End::none) {
      if (loop_.now() >= deadline) co_return fail(Code::upstream_timeout, "", "nothing came");
      Wait wait(loop_, *reply_, deadline);
      co_await wait;
    }
    if (!reply_->pieces.empty()) {
      current_ = std::move(reply_->pieces.front());
      reply_->pieces.pop_front();
      co_return std::string_view(current_);
    }
    if (reply_->end == Reply::End::broken) co_return fail(Code::upstream_reset, "", "the connection was reset");
    co_return std::string_view();
  }

 private:
  struct Wait final : net::Timer {
    Wait(net::Loop& loop, Reply& of, net::Time deadline) : reply(of) { loop.timers().arm(*this, deadline); }
    ~Wait() override { reply.reader = {}; }
    void fire() override { reply.wake(); }

    bool await_ready() const { return false; }
    void await_suspend(std::coroutine_handle<> handle) { reply.reader = handle; }
    void await_resume() const {}

    Reply& reply;
  };

  net::Loop& loop_;
  ReplyPtr reply_;
  std::string current_;
};

class ScriptedApi final : public sources::api_server::Api {
 public:
  // Null: there is no answer, as if nobody listened.
  using Script = std::function<ReplyPtr(const sources::api_server::Ask&)>;

  ScriptedApi(net::Loop& loop, Script script) : loop_(loop), script_(std::move(script)) {}

  net::Task<Result<sources::api_server::Answer>> ask(sources::api_server::Ask ask) override {
    std::unique_ptr<ScriptedStream> stream = answer(ask);
    if (stream == nullptr) co_return fail(Code::connect_failed, "", "connection refused");
    sources::api_server::Answer answer;
    answer.status = stream->status();
    answer.retry_after = stream->retry_after();
    for (;;) {
      const Result<std::string_view> piece = co_await stream->read(loop_.now() + ask.patience);
      if (!piece) co_return Failure(piece.error());
      if (piece->empty()) co_return answer;
      answer.body += *piece;
      if (answer.body.size() > ask.most_bytes) co_return fail(invalid("the answer is too long"));
    }
  }
  net::Task<Result<std::unique_ptr<sources::api_server::Stream>>> open(sources::api_server::Ask ask) override {
    std::unique_ptr<sources::api_server::Stream> stream = answer(ask);
    if (stream == nullptr) co_return fail(Code::connect_failed, "", "connection refused");
    co_return stream;
  }

  // Targets, in the order in which they were asked.
  const std::vector<std::string>& asked() const { return asked_; }
  std::size_t count(std::string_view part) const {
    return static_cast<std::size_t>(
        std::ranges::count_if(asked_, [&](const std::string& target) { return target.contains(part); }));
  }

 private:
  std::unique_ptr<ScriptedStream> answer(const sources::api_server::Ask& ask) {
    asked_.push_back(ask.target);
    ReplyPtr reply = script_(ask);
    return reply == nullptr ? nullptr : std::make_unique<ScriptedStream>(loop_, std::move(reply));
  }

  net::Loop& loop_;
  Script script_;
  std::vector<std::string> asked_;
};

// A whole answer.
inline ReplyPtr reply(unsigned status, std::string body) {
  auto made = std::make_shared<Reply>(status);
  made->add(std::move(body)).finish();
  return made;
}

// One that goes on until the test ends it.
inline ReplyPtr open_reply(std::vector<std::string> pieces = {}) {
  auto made = std::make_shared<Reply>();
  for (std::string& piece : pieces) made->add(std::move(piece));
  return made;
}

}  // namespace sallyport::support
