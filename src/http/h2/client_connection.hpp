// SPDX-License-Identifier: Apache-2.0
// One HTTP/2 connection to an upstream: many exchanges at a time, as many as the upstream allows (RFC 9113 5.1.2).
// It begins no more of them once the upstream has said GOAWAY, broke a rule, or does not answer a PING; those that run
// go on as long as they can.
//
// Whatever the streams have to say in one turn of the loop goes out together at its end. Idle it holds no buffer.
// Belongs to one loop's thread.

#pragma once

#include <cstddef>
#include <vector>

#include "base/result.hpp"
#include "http/h2/client_stream.hpp"
#include "http/h2/frame_gate.hpp"
#include "http/h2/session.hpp"
#include "http/session_settings.hpp"
#include "net/ledger.hpp"
#include "net/quota.hpp"
#include "net/released.hpp"
#include "net/socket.hpp"
#include "net/task.hpp"

namespace sallyport::http::h2 {

class ClientConnection final : private net::Socket::Owner,
                               private net::Deferred,
                               private SessionEvents,
                               private FrameGate::Streams {
 public:
  class Keeper {
   public:
    // It has no streams and begins none any more: destroys it. At the end of a turn.
    virtual void drop(ClientConnection& connection) = 0;
    // A stream has ended, or the upstream has said what it allows, or will not any more. At the end of a turn.
    virtual void has_room(ClientConnection& connection) = 0;

   protected:
    ~Keeper() = default;
  };

  // A connect() may still be under way, a handshake not. Counts in the quota, if there is one.
  ClientConnection(net::Loop& loop, net::Socket::Released connection, const ClientSettings& settings,
                   net::Ledger& ledger, net::Quota* quota = nullptr);
  ~ClientConnection() override;

  // Before the first exchange. The error is connect_failed, connect_timeout or, when it is ours, overloaded; all safe
  // to retry.
  net::Task<Result<void>> connected(net::Time deadline);
  // Whether there was room for it: else overloaded.
  Result<void> usable() const;
  void keep(Keeper& keeper);
  // It has the one exchange that it has now, and ends with it.
  void keep_for_one() { is_for_one_ = true; }

  // One more exchange may begin.
  bool has_room() const;
  // It may soon have: the upstream has not said yet how many it takes.
  bool awaits_settings() const { return !has_settings_ && !is_over() && !is_for_one_; }
  // None will any more.
  bool is_over() const { return is_over_ || is_leaving_; }
  std::size_t streams() const { return stream_count_; }
  // It is known to take extended CONNECT (RFC 8441).
  bool takes_tunnels() const { return has_settings_ && session_.peer_takes_tunnels(); }
  // Begins no more exchanges, and ends with the last one.
  void retire();

 private:
  friend class ClientStream;

  void on_readable() override;
  void on_gone() override;
  void on_deadline() override;
  void on_sent() override { write_soon(); }
  void at_turn_end() override;

  StreamEvents* on_request(StreamId) override { return nullptr; }
  void on_reset_received(StreamId stream, ErrorCode) override { reset_by_peer_ = stream; }
  void on_reset_sent(StreamId, ErrorCode) override {}
  void on_ping_answered() override {}
  void on_settings() override;
  void on_goaway(StreamId, ErrorCode) override { is_leaving_ = true; }
  void on_empty_data() override { gate_.empty_data(loop().now()); }
  void on_data_sent(std::size_t size) override { gate_.carried(size); }
  bool is_open(StreamId stream) const override { return session_.knows(stream); }
  std::size_t sharers() const override { return stream_count_; }

  // For its streams.
  void add(ClientStream& stream);
  void remove(ClientStream& stream);
  // Somebody may wait for what came of it.
  void note(ClientStream& stream);
  void write_soon() { loop().defer(*this); }
  bool was_reset_by_peer(StreamId stream) const { return reset_by_peer_ == stream; }
  bool has_answered() const { return has_answered_; }
  bool has_settings() const { return has_settings_; }
  bool is_tls() const { return socket_.tls() != nullptr; }
  net::Loop& loop() const { return socket_.loop(); }
  net::Ledger& ledger() { return ledger_; }
  Session& session() { return session_; }
  FrameGate& gate() { return gate_; }
  const ClientSettings& settings() const { return settings_; }

  void receive();
  bool feed(std::string_view bytes);
  [[nodiscard]] bool catch_up();
  void write();
  void lose(Code code);
  void watch();
  void settle();

  const ClientSettings& settings_;
  net::Quota::Share share_;
  net::Ledger ledger_;
  net::Socket socket_;
  Session session_;
  FrameGate gate_;
  Keeper* keeper_ = nullptr;
  bool is_for_one_ = false;
  ClientStream* first_ = nullptr;
  std::size_t stream_count_ = 0;
  std::vector<ClientStream*> noted_;  // null: it is gone
  ClientStream* waking_ = nullptr;
  bool* destroyed_ = nullptr;  // set by the destructor, for a caller of ours that is still on the stack
  net::Time last_heard_{};
  StreamId reset_by_peer_ = 0;
  bool has_settings_ = false;  // the upstream's have come
  bool has_news_ = false;      // for those who wait for that
  bool has_answered_ = false;  // an exchange
  bool has_more_ = false;      // to read
  bool was_pinged_ = false;    // and has said nothing but an answer to that
  bool awaits_pong_ = false;
  bool is_leaving_ = false;  // no exchange begins any more
  bool is_over_ = false;     // nothing comes any more
};

}  // namespace sallyport::http::h2
