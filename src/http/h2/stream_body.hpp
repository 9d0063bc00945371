// SPDX-License-Identifier: Apache-2.0
// The body of one request: what DATA frames brought and nobody has taken yet, at most a window of it. The client may
// send more when the reader comes back for it, so who does not read does not make us receive (reference:
// reliability-security.md H2-6). The same of the responses that an upstream sends.
//
// Of its stream. put(), end() and fail() come from inside the session and resume nobody: wake() does.

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "base/result.hpp"
#include "http/body.hpp"
#include "http/fields.hpp"
#include "http/h2/session.hpp"
#include "http/pace.hpp"
#include "net/ledger.hpp"
#include "net/loop.hpp"
#include "net/signal.hpp"

namespace sallyport::http::h2 {

class StreamBody final : public Body {
 public:
  // Somebody who has to act before the first byte is waited for, or when bytes were taken.
  class Source {
   public:
    virtual void before_first_read() = 0;
    virtual void taken(std::size_t bytes) = 0;
    // The sender may not send now, whatever it would like: others have its connection's window.
    virtual bool is_held() const = 0;

   protected:
    ~Source() = default;
  };

  // `slow` is what a wait that takes too long is called.
  StreamBody(Source& source, net::Loop& loop, net::Ledger& ledger, const Pace& pace, Code slow, Arena& arena)
      : source_(source), loop_(loop), ledger_(ledger), patience_(pace), slow_(slow), trailers_(arena) {}
  StreamBody(const StreamBody&) = delete;
  StreamBody& operator=(const StreamBody&) = delete;
  ~StreamBody() override;

  net::Task<Result<std::string_view>> read() override;
  bool ready() const override { return unread() != 0 || ended_ || failed_; }
  const Fields* trailers() const override { return complete_ && !trailers_.empty() ? &trailers_ : nullptr; }

  // A tunnel's, or of a call of gRPC that is answered already: its sender may be silent for as long as it likes.
  void be_patient() {
    patience_ = Patience({.grace = net::Duration(std::chrono::hours(24 * 366)), .bytes_per_second = 0});
  }

  // From the session. put(): false when there is no room.
  [[nodiscard]] bool put(std::string_view bytes);
  Fields& coming_trailers() { return trailers_; }
  void end() { ended_ = true; }
  void fail(Error error);
  // Runs who waits for what came.
  void wake() { arrived_.notify(); }

  bool has_ended() const { return ended_; }
  bool complete() const { return complete_; }
  std::uint64_t bytes_put() const { return put_; }
  std::uint64_t bytes_read() const { return read_; }
  // Came, and the sender does not know that anybody took them.
  std::size_t held() const { return unread() + given_size_; }

 private:
  struct Block {
    std::unique_ptr<char[]> bytes;
    std::size_t capacity = 0;
  };

  std::size_t unread() const { return end_ - begin_; }
  net::Task<Result<std::string_view>> read_more();
  std::string_view take();
  void settle();
  bool grow(std::size_t wanted);
  void give_back(Block& block);

  Source& source_;
  net::Loop& loop_;
  net::Ledger& ledger_;
  Patience patience_;
  Code slow_;
  Fields trailers_;
  net::Signal arrived_;
  Block coming_;  // holds what is unread, from begin_ to end_
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  Block given_;  // what the reader has now
  std::size_t given_size_ = 0;
  std::uint64_t put_ = 0;
  std::uint64_t read_ = 0;
  bool ended_ = false;
  bool complete_ = false;
  bool was_read_ = false;
  std::optional<Error> failed_;
};

}  // namespace sallyport::http::h2
