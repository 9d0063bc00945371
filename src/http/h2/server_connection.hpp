// SPDX-License-Identifier: Apache-2.0
// One HTTP/2 connection of a client: carries bytes between its socket, the gate and the session, and owns the streams.
//
// It has no coroutine of its own: reading happens when there is something to read, and what all its streams have to
// send goes out at the end of a turn, in one send, as long as the client takes it. While idle it holds no buffer.

#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "http/connection_facts.hpp"
#include "http/h2/frame_gate.hpp"
#include "http/h2/server.hpp"
#include "http/h2/server_stream.hpp"
#include "http/h2/session.hpp"
#include "net/ledger.hpp"
#include "net/socket.hpp"

namespace sallyport::http::h2 {

class ServerConnection final : private net::Socket::Owner,
                               private net::Deferred,
                               private SessionEvents,
                               private FrameGate::Streams {
 public:
  ServerConnection(Server& server, net::Socket::Released connection, const ConnectionFacts& facts);
  ~ServerConnection() override;

  // False: there was no room for it.
  bool usable() const { return socket_.registered() && session_.usable(); }
  // `early` was received already.
  void begin(std::string_view early);

  bool is_idle() const { return streams_.empty() && !socket_.has_unsent() && state_ == State::open; }
  bool has_work() const { return !streams_.empty() || socket_.has_unsent(); }
  std::size_t held() const { return ledger_.held(); }
  net::Time idle_since() const { return idle_since_; }
  // An idle one waits no longer than they say.
  void settings_changed() { arm(); }
  // Streams that have come are served; no others.
  void end_when_idle();
  // True: it ends.
  bool end_idle();
  // Ends all of it with a reset; called from outside of it.
  void cut_off();

  // For its streams.
  net::Loop& loop() { return server_.loop(); }
  Handler& handler() { return server_.handler(); }
  const ServerSettings& settings() const { return server_.settings(); }
  Stamp stamp(bool has_date) { return server_.stamp(has_date); }
  const ConnectionFacts& facts() const { return facts_; }
  net::Ledger& ledger() { return inner_; }
  Session& session() { return session_; }
  FrameGate& gate() { return gate_; }
  // Bytes of bodies that the session took so far, of all streams.
  std::uint64_t sent() const { return sent_; }
  // How many streams wait for the client to take some of their answers.
  std::size_t& waiting() { return waiting_; }
  // What was odd about a request, or left out of it.
  void count(const Notes& notes);
  // It has to catch up.
  void note(ServerStream& stream);
  // There is something to write.
  void write_soon() { server_.loop().defer(*this); }
  // A stream is.
  void over();

  // Where the server keeps it.
  std::size_t place() const { return place_; }
  void set_place(std::size_t place) { place_ = place; }

 private:
  enum class State : std::uint8_t {
    open,
    announced,  // that it ends; the client may not know yet
    leaving,    // no new stream is taken
    lingering,  // all is said; the client shall notice
    over,
  };

  void on_readable() override;
  void on_gone() override;
  void on_deadline() override;
  void on_sent() override { write_soon(); }
  void at_turn_end() override;

  StreamEvents* on_request(StreamId stream) override;
  void on_reset_received(StreamId stream, ErrorCode error) override;
  void on_reset_sent(StreamId stream, ErrorCode error) override;
  void on_ping_answered() override;
  void on_settings() override { has_settings_ = true; }
  void on_goaway(StreamId, ErrorCode) override {}
  void on_empty_data() override { gate_.empty_data(loop().now()); }
  void on_data_sent(std::size_t size) override {
    sent_ += size;
    gate_.carried(size);
  }
  bool is_open(StreamId stream) const override { return session_.knows(stream); }

  static constexpr std::size_t least_appetite = 4 * 1024;
  static constexpr std::uint32_t requests_a_turn = 16;

  void receive();
  std::size_t feed(std::string_view bytes);
  void discard();
  bool may_begin(const ServerStream& stream) const;
  bool catch_up();
  void sweep();
  void write();
  void cut_off_stuck();
  void settle();
  void arm();
  void nap();
  void announce();
  void leave(ErrorCode error);
  void terminate(ErrorCode error);
  void linger();
  void end();

  Server& server_;
  ConnectionFacts facts_;
  net::Ledger ledger_;
  net::Ledger inner_;  // of the streams: for the session and for what waits to be sent there is always room
  net::Socket socket_;
  Session session_;
  FrameGate gate_;
  std::vector<std::unique_ptr<ServerStream>> streams_;
  std::vector<ServerStream*> noted_;
  std::uint64_t sent_ = 0;
  std::size_t waiting_ = 0;
  std::size_t place_ = 0;
  std::size_t lingering_left_ = 0;
  std::size_t appetite_ = least_appetite;  // bytes of a read
  std::uint32_t begun_ = 0;                // requests, in this turn
  std::size_t not_begun_ = 0;              // requests, at the front of those noted
  net::Time idle_since_;
  net::Time nap_at_ = net::Time::max();
  net::Time leave_at_ = net::Time::max();  // when announced; or the end of lingering
  State state_ = State::open;
  bool has_settings_ = false;  // the client's preface is complete
  bool has_more_ = false;      // to read
  bool has_read_ = false;      // in this turn
  bool has_said_ = false;      // the session, what it had to say to what was read
  bool has_ended_ = false;     // the client sends no more
  bool may_sweep_ = false;
  bool is_deaf_ = false;  // it ends here and now: nothing that comes is heeded
};

}  // namespace sallyport::http::h2
