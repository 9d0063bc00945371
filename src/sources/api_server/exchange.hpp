// SPDX-License-Identifier: Apache-2.0
// One request to the API server and its answer, on whatever carries it: the head is read first, the body as it is asked
// for. Belongs to its loop's thread; dropping it cancels the request.

#pragma once

#include <coroutine>
#include <memory>
#include <optional>
#include <string_view>

#include "base/arena.hpp"
#include "base/result.hpp"
#include "base/secret_bytes.hpp"
#include "http/fixed_body.hpp"
#include "http/message.hpp"
#include "http/notes.hpp"
#include "net/loop.hpp"
#include "net/signal.hpp"
#include "net/task.hpp"
#include "sources/api_server/api.hpp"
#include "sources/api_server/carrier.hpp"
#include "sources/api_server/server_url.hpp"

namespace sallyport::sources::api_server {

class Exchange {
 public:
  explicit Exchange(net::Loop& loop) : loop_(loop) {}
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  // For its carrier.
  Arena& arena() { return arena_; }
  http::Notes& notes() { return notes_; }

  // Sends it and waits for the head of its answer. The ask and the texts must outlive this.
  struct Texts {
    const ServerUrl& server;
    std::string_view authority;  // of the server
    std::string_view user_agent;
    std::shared_ptr<const SecretBytes> authorization;  // null: none
  };
  net::Task<Result<void>> begin(Carrier carrier, const Ask& ask, Texts texts, net::Time deadline);
  // After an error of begin(): the server cannot have acted on it, or it may be asked twice without harm and the
  // connection may have ended before it saw it.
  bool may_be_repeated() const { return may_be_repeated_; }

  unsigned status() const { return head_.status; }
  std::optional<net::Duration> retry_after() const;
  // As Stream::read().
  net::Task<Result<std::string_view>> read(net::Time deadline);

 private:
  bool write_request(const Ask& ask, const Texts& texts);
  net::Task<Result<void>> read_head(net::Time deadline);
  net::Task<void> pull();

  net::Loop& loop_;
  Arena arena_;
  http::Notes notes_;
  std::shared_ptr<const SecretBytes> authorization_;
  http::Request request_{arena_};
  http::ResponseHead head_{arena_};
  std::optional<http::FixedBody> request_body_;
  std::optional<Carrier> carrier_;
  std::optional<net::Beside<Result<void>>> sending_;
  http::Body* body_ = nullptr;

  // Wakes who waits for a piece from the loop: it may drop the exchange, and with it whoever has pulled the piece.
  class Arrival final : public net::Deferred {
   public:
    net::Signal signal;

   private:
    void at_turn_end() override { signal.notify(); }
  };

  // A read that goes on beyond the deadline of who asked for it.
  net::Task<void> pulling_;
  bool is_pulling_ = false;
  std::optional<Result<std::string_view>> pulled_;
  Arrival arrival_;
  bool may_be_repeated_ = false;
};

}  // namespace sallyport::sources::api_server
