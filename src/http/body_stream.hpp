// SPDX-License-Identifier: Apache-2.0
// A stream of HTTP/2 as the stream of a tunnel: what the peer sends is the body that its session reads, and what we
// send is a body of our own that its session pulls as it does any other. So flow control follows the tunnel by itself.
//
// No bytes are held: a write() ends when the session has come for the next piece, and has therefore done with this one.
// Where a write() is destroyed, or times out, its bytes may still be the session's: it has to let go of them, as it
// does when it resets the stream, before their owner does. Belongs to one loop's thread; waiters are resumed by the
// loop.

#pragma once

#include <coroutine>
#include <optional>
#include <string_view>

#include "http/body.hpp"
#include "http/byte_stream.hpp"
#include "net/loop.hpp"

namespace sallyport::http {

class BodyStream final : public ByteStream {
 public:
  // `incoming` waits for as long as it takes: a tunnel may be silent.
  BodyStream(net::Loop& loop, Body& incoming) : loop_(loop), incoming_(incoming) {}
  BodyStream(const BodyStream&) = delete;
  BodyStream& operator=(const BodyStream&) = delete;

  net::Task<net::IoResult<std::string_view>> read(net::Time deadline) override;
  net::Task<net::IoResult<void>> write(std::string_view bytes, net::Duration stall) override;
  void shutdown_write() override;
  void interrupt() override;

  // What the session sends to the peer: its clean end is that of our direction.
  Body& outgoing() { return outgoing_; }
  bool is_shut() const { return shut_; }  // by shutdown_write()
  // Nobody pulls it any more: a write() ends with a reset.
  void break_off();

 private:
  // Goes on with a coroutine at the end of the turn, so that nobody is resumed from inside another's call.
  class Waiting final : public net::Deferred, public net::Timer {
   public:
    explicit Waiting(net::Loop& loop) : loop_(loop) {}

    void wake() {
      if (handle_) loop_.defer(*this);
    }

    // co_await; true: woken, false: the deadline came first.
    struct [[nodiscard]] Until {
      Until(Waiting& on, net::Time at) : waiting(on), deadline(at) {}
      Until(const Until&) = delete;
      Until& operator=(const Until&) = delete;
      ~Until() { waiting.stop(); }
      bool await_ready() const { return false; }
      void await_suspend(std::coroutine_handle<> handle) { waiting.start(handle, deadline); }
      bool await_resume() const { return !waiting.timed_out_; }
      Waiting& waiting;
      net::Time deadline;
    };
    Until until(net::Time deadline) { return {*this, deadline}; }

   private:
    void start(std::coroutine_handle<> handle, net::Time deadline);
    void stop();
    void at_turn_end() override { go_on(false); }
    void fire() override { go_on(true); }
    void go_on(bool timed_out);

    net::Loop& loop_;
    std::coroutine_handle<> handle_;
    bool timed_out_ = false;
  };

  // What nobody has pulled goes with its writer.
  struct Offer {
    ~Offer() { stream.offered_ = {}; }
    BodyStream& stream;
  };

  struct Outgoing final : Body {
    explicit Outgoing(BodyStream& of) : stream(of) {}
    net::Task<Result<std::string_view>> read() override { return stream.pull(); }
    bool ready() const override { return !stream.offered_.empty() || stream.shut_; }
    BodyStream& stream;
  };

  net::Task<void> receive();
  net::Task<net::IoResult<std::string_view>> wait_for_piece(net::Time deadline);
  net::Task<net::IoResult<void>> wait_for_pull(net::Duration stall);
  net::Task<Result<std::string_view>> pull();
  net::Task<Result<std::string_view>> wait_for_offer();
  std::optional<net::IoResult<std::string_view>> take_received();

  net::Loop& loop_;
  Body& incoming_;
  Outgoing outgoing_{*this};
  Waiting reader_{loop_};
  Waiting writer_{loop_};
  Waiting puller_{loop_};
  std::string_view offered_;  // by the writer, and not pulled yet
  bool pulled_ = false;       // the session has it, and has not come for more
  bool shut_ = false;
  bool broken_ = false;
  bool interrupted_ = false;
  bool is_receiving_ = false;
  std::optional<Result<std::string_view>> received_;  // and not read yet
  net::Task<void> receiving_;                         // destroyed before what it uses
};

}  // namespace sallyport::http
