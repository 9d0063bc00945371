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
  ServerConnection(Server& server, net::Fd fd, const syntax::SocketAddress& peer);
  ~ServerConnection() override;

  bool usable() const { return socket_.registered(); }
  void end_when_idle();

  // Where the server keeps it.
  std::size_t place() const { return place_; }
  void set_place(std::size_t place) { place_ = place; }

 private:
  enum class State : std::uint8_t { idle, busy, over };

  void on_readable() override;
  void on_gone() override;
  void on_deadline() override;
  void at_turn_end() override;
  net::Task<Result<void>> interim(const ResponseHead& head) override;

  bool more_to_read() { return !inbox_.unread().empty() || socket_.readable(); }
  void start();
  void end();
  void finish();
  net::Task<void> serve();
  net::Task<bool> serve_one();
  net::Task<Result<bool>> read_head(Incoming& incoming);
  net::Task<bool> answer(Incoming& incoming, Response response, Outcome outcome);
  net::Task<bool> run_tunnel(Incoming& incoming, Response& response, Outcome outcome);
  net::Task<bool> leave(bool stays);
  net::Task<bool> drain_body();
  net::Task<void> linger();
  bool may_stay(const RequestHead& request, const Response& response);
  static void explain(const Incoming& incoming, ResponseHead& head);
  static bool frame_for(const RequestHead& request, ResponseHead& head);

  Server& server_;
  syntax::SocketAddress peer_;
  net::Ledger ledger_;
  net::Socket socket_;
  Inbox inbox_;
  std::unique_ptr<Scratch> scratch_;  // while busy
  net::Task<void> task_;              // destroyed before what it uses
  std::size_t place_ = 0;
  State state_ = State::idle;
  bool served_ = false;  // a first request has begun
};

}  // namespace sallyport::http::h1
