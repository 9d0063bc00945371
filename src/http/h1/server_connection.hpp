// SPDX-License-Identifier: Apache-2.0
// One HTTP/1 connection of a client: reads a request, has it handled, writes the response, and again.
//
// While idle it is this object and nothing else: no coroutine, no buffer. Its coroutine ends when there is nothing more
// to read; the next bytes start a new one. A client that resets has its coroutines destroyed, which cancels all they
// do.

#pragma once

#include <memory>

#include "http/h1/inbox.hpp"
#include "http/h1/server.hpp"
#include "http/incoming.hpp"
#include "net/ledger.hpp"
#include "net/socket.hpp"
#include "net/task.hpp"

namespace sallyport::http::h1 {

class ServerConnection final : private net::Socket::Owner, private net::Deferred, private InterimSink {
 public:
  ServerConnection(Server& server, net::Socket::Released connection, const ConnectionFacts& facts);
  ~ServerConnection() override;

  // False: the loop or the ledger had no room for it.
  bool usable() const { return socket_.registered() && ledger_.held() != 0; }
  void end_when_idle();

  // Nothing of it waits for the client to read.
  bool is_idle() const { return state_ == State::idle && !socket_.has_unsent(); }
  // Is at a request, or its answer is made and the client takes it slowly.
  bool has_work() const { return state_ == State::busy || socket_.has_unsent(); }
  std::size_t held() const { return ledger_.held(); }
  const ConnectionFacts& facts() const { return facts_; }
  // REQUIRES: it is idle.
  net::Time idle_since() const { return socket_.idle_deadline() - net::Duration(idle_time_); }
  // REQUIRES: it is idle.
  void limit_idle(net::Duration most);
  // False: a request is there, which is served first.
  bool end_idle();
  // Ends its exchange with a reset; called from outside of it.
  void cut_off();

  // What goes on elsewhere when it is handed over: the connection, and what came of it.
  net::Socket::Released release();
  std::string_view received() const { return scratch_->inbox->unread(); }

  // Where the server keeps it.
  std::size_t place() const { return place_; }
  void set_place(std::size_t place) { place_ = place; }

 private:
  enum class State : std::uint8_t { idle, busy, over, leaving };

  void on_readable() override;
  void on_gone() override;
  void on_deadline() override;
  void on_sent() override;
  void at_turn_end() override;
  net::Task<Result<void>> interim(const ResponseHead& head) override;

  bool read_whole() const { return !scratch_->body || scratch_->body->complete(); }
  bool more_to_read() { return (scratch_ && !scratch_->inbox->unread().empty()) || socket_.readable(); }
  void start();
  void end();
  void finish();
  net::Task<void> serve();
  net::Task<bool> serve_one();
  void be_idle(net::Duration most);
  bool begins_http2() const;
  bool is_of_no_version() const;
  net::Task<Result<bool>> read_head(Incoming& incoming);
  net::Task<Result<bool>> read_rest_of_head(Incoming& incoming);
  Result<std::size_t> parse_head(Incoming& incoming);
  net::Task<bool> answer(Incoming& incoming, Response response, Outcome outcome);
  net::Task<bool> run_tunnel(Incoming& incoming, Response& response, Outcome outcome);
  net::Task<bool> leave(bool stays);
  net::Task<bool> leave_slowly(bool stays);
  net::Task<bool> drain_body();
  net::Task<void> linger();
  bool may_stay(const RequestHead& request, const Response& response);
  static bool frame_for(const RequestHead& request, ResponseHead& head);

  Server& server_;
  ConnectionFacts facts_;
  net::Ledger ledger_;
  net::Socket socket_;
  std::unique_ptr<Scratch> scratch_;  // while busy
  net::Task<void> task_;              // destroyed before what it uses
  std::size_t place_ = 0;
  State state_ = State::idle;
  bool served_ = false;     // a first request has begun
  bool is_first_ = true;    // no request was read yet
  bool answering_ = false;  // part of an answer may be out, and not all of it
  std::uint32_t glitch_points_ = 0;
  std::uint32_t idle_time_ = 0;  // milliseconds that it may be idle, of those that it began with
};

}  // namespace sallyport::http::h1
