// SPDX-License-Identifier: Apache-2.0
// One request on its way through a handler, with what belongs to it until its last byte is written.
//
// Made by a session, on its worker's thread; the arena is empty again when it is gone. When the client goes away first,
// its coroutines are destroyed and the hooks run with client_gone.

#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "base/arena.hpp"
#include "base/result.hpp"
#include "http/connection_facts.hpp"
#include "http/message.hpp"
#include "net/loop.hpp"
#include "net/task.hpp"

namespace sallyport::http {

// How a request ended.
struct Outcome {
  std::uint16_t status = 0;  // as sent; 0: nothing was
  std::optional<Code> error;
  const char* rule = "";
  std::uint64_t received = 0;  // bytes of the request's body
  std::uint64_t sent = 0;      // bytes of the response's body
  std::chrono::microseconds took{0};
};

// Sends heads before the final one, 1xx.
class InterimSink {
 public:
  virtual net::Task<Result<void>> interim(const ResponseHead& head) = 0;

 protected:
  ~InterimSink() = default;
};

// Hears what a handler gave, before any of it is written.
class Witness {
 public:
  virtual void answering(const Result<Response>& response) = 0;

 protected:
  ~Witness() = default;
};

class Incoming {
 public:
  Incoming(Arena& of, net::Loop& on, const ConnectionFacts& by, InterimSink& interim_sink)
      : arena(of), loop(on), connection(by), received(on.now()), interim(interim_sink), request(of) {}
  Incoming(Arena&, net::Loop&, ConnectionFacts&&, InterimSink&) = delete;  // it has to outlive this
  Incoming(const Incoming&) = delete;
  Incoming& operator=(const Incoming&) = delete;
  ~Incoming() { finish({.error = Code::client_gone}); }

  Arena& arena;
  net::Loop& loop;
  const ConnectionFacts& connection;
  net::Time received;  // when its first byte was seen
  InterimSink& interim;
  Request request;
  Witness* witness = nullptr;  // set by a handler that wants to know; lives until the end
  // What the final head says in X-Sallyport-Explain, whoever makes it; empty: nothing. In the arena.
  std::string_view explanation;

  // Called once, as call(const Outcome&), after the last byte or when it is certain that there will be none; the last
  // one added is the first called. False: the arena has no room for it.
  template <class Call>
  [[nodiscard]] bool after_last_byte(Call call) {
    struct Holder final : Hook {
      explicit Holder(Call given) : kept(std::move(given)) {}
      void run(const Outcome& outcome) override { kept(outcome); }
      Call kept;
    };
    Hook* hook = arena.make<Holder>(std::move(call));
    if (hook == nullptr) return false;
    hook->next = std::exchange(hooks_, hook);
    return true;
  }

  // The session's.
  void finish(Outcome outcome) {
    outcome.took = std::chrono::duration_cast<std::chrono::microseconds>(loop.now() - received);
    while (hooks_ != nullptr) {
      Hook* hook = std::exchange(hooks_, hooks_->next);
      hook->run(outcome);
      std::destroy_at(hook);
    }
  }

 private:
  struct Hook {
    virtual ~Hook() = default;
    virtual void run(const Outcome& outcome) = 0;
    Hook* next = nullptr;
  };

  Hook* hooks_ = nullptr;
};

// In X-Sallyport-Explain. Only we say it, whatever an upstream writes there. One that finds no room is left out: the
// answer matters more.
inline void say_explanation(const Incoming& incoming, ResponseHead& head) {
  head.fields.remove(syntax::HeaderId::x_sallyport_explain);
  if (incoming.explanation.empty()) return;
  static_cast<void>(head.fields.add(syntax::HeaderId::x_sallyport_explain, incoming.explanation));
}

// Serves requests: the proxy, the admin pages, the echo origin. One for all connections of a thread.
class Handler {
 public:
  virtual ~Handler() = default;

  // An error becomes an answer in the session, where the client's protocol is known.
  virtual net::Task<Result<Response>> handle(Incoming& incoming) = 0;

  // A head that was refused: no handle() comes, but hooks may be added. What could be read of it is in the request.
  virtual void refused(Incoming& incoming) = 0;
};

}  // namespace sallyport::http
