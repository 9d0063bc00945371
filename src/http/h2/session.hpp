// SPDX-License-Identifier: Apache-2.0
// One HTTP/2 connection's state machine, of either side: bytes in, events out; frames in, bytes out. No I/O, no
// coroutine. Beside session.cpp, session_sleep and session_memory know nghttp2, and nobody else.
//
// Flow control follows the reader: nothing is acknowledged before consumed() says that somebody took it. Belongs to its
// connection, on its thread. Events come from inside receive() and write(): who hears one may submit, and may not call
// receive() or write(), nor run a coroutine.

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "http/fields.hpp"
#include "http/h2/frame.hpp"
#include "http/h2/session_memory.hpp"
#include "net/ledger.hpp"

struct nghttp2_session;

namespace sallyport::http::h2 {

// A field as HTTP/2 has it. The name is in lower case.
struct Line {
  std::string_view name;
  std::string_view value;
  bool is_secret = false;  // never put into a compression table, by nobody on its way (RFC 7541 6.2.3, 7.1.3)
};

// What a session tells, and asks, of one stream.
class StreamEvents {
 public:
  // Of a head, an interim one, or trailers; pseudo fields too. False: malformed, the stream is reset.
  virtual bool on_field(const Line& field) = 0;
  // The last field of the block. The same.
  virtual bool on_fields_end(bool ends_stream) = 0;
  // False: there is no room for it, the stream is reset. Not consumed before consumed() says so.
  virtual bool on_data(std::string_view bytes) = 0;
  // The peer's half has ended, cleanly.
  virtual void on_end() = 0;
  // No event follows. `error` is the code of a reset, or no_error.
  virtual void on_closed(ErrorCode error) = 0;

  // What there is to send: up to `most` bytes, and whether that is all of the body. Nothing and no end: there will be,
  // and Session::resume() is called then.
  struct Supply {
    std::size_t size = 0;
    bool ends = false;
    const Fields* trailers = nullptr;  // with the end; null: none
  };
  virtual Supply supply(std::size_t most) = 0;
  // Puts what was last supplied into `to`.
  virtual void take(std::span<char> to) = 0;
  // The end of our half was written.
  virtual void on_sent_end() = 0;

 protected:
  ~StreamEvents() = default;
};

class SessionEvents {
 public:
  // A request begins. Null: refused, which is safe to try again elsewhere.
  virtual StreamEvents* on_request(StreamId stream) = 0;
  virtual void on_reset_received(StreamId stream, ErrorCode error) = 0;
  // By us, or by nghttp2; it may be told twice: when it is decided, and when it is written.
  virtual void on_reset_sent(StreamId stream, ErrorCode error) = 0;
  virtual void on_ping_answered() = 0;
  virtual void on_settings() = 0;  // the peer's have changed
  // The peer opens, or answers, no stream beyond `last`.
  virtual void on_goaway(StreamId last, ErrorCode error) = 0;
  virtual void on_empty_data() = 0;  // a DATA frame without data, which ends nothing
  virtual void on_data_sent(std::size_t size) = 0;

 protected:
  ~SessionEvents() = default;
};

struct SessionSettings {
  bool is_server = true;
  std::uint32_t streams = 100;  // the peer may open, at a time
  std::uint32_t stream_window = 64 * 1024;
  std::uint32_t connection_window = 256 * 1024;
  std::uint32_t head_bytes = 32 * 1024;  // told to the peer
  std::size_t control_frames = 256;      // answers to PING and SETTINGS that may wait to be written
};

class Session {
 public:
  // The ledger pays for nghttp2's memory. Our SETTINGS are the first to be written.
  Session(const SessionSettings& settings, SessionEvents& events, net::Ledger& ledger);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session();

  // False: there was no room for it.
  bool usable() const { return session_ != nullptr; }

  // Of a server's: keeps what both sides have agreed on, and gives all else back until there is something to hear or to
  // say again, which is as if nothing had happened. `last` is the highest stream that the client opened. False: not
  // now, or has_failed(). There may be something to write then. REQUIRES: no stream is open, and all that came was
  // whole frames.
  bool sleep(StreamId last);
  bool is_asleep() const { return slept_ != nullptr; }

  // All of `bytes` are used. False: nothing can be done with this connection any more.
  [[nodiscard]] bool receive(std::string_view bytes);
  // Puts frames into the room, whole ones, as long as the largest would fit; how many bytes. Nothing: there is nothing
  // to send now. An error is final: has_failed().
  std::size_t write(std::span<char> room);
  bool has_failed() const { return has_failed_; }
  // False: nothing that comes would be heeded. A rule was broken, or all is over.
  bool wants_read() const;
  // Neither side has anything to say any more.
  bool is_over() const;

  // All of these are false when nghttp2 has no memory or no such stream.
  // An interim head, or a final one. `has_body`: supply() will be asked.
  bool submit_interim(StreamId stream, std::span<const Line> lines);
  bool submit_response(StreamId stream, std::span<const Line> lines, bool has_body);
  // The new stream, or 0.
  StreamId submit_request(std::span<const Line> lines, bool has_body, StreamEvents& events);
  // There is more to supply().
  void resume(StreamId stream);
  void reset(StreamId stream, ErrorCode error);
  // No event of the stream comes any more, and nothing of it is asked for.
  void forget(StreamId stream);
  // The same, and our half still gets its end. REQUIRES: it has a body, of which everything was taken.
  void forget_after_end(StreamId stream);
  // The reader took so many bytes of the stream; or they are of a stream that is gone.
  void consumed(StreamId stream, std::size_t bytes);
  void consumed(std::size_t bytes);
  // The same for the stream's window alone.
  void consumed_of_stream(StreamId stream, std::size_t bytes);
  bool submit_ping();
  // First step: streams that are on their way are still served (RFC 9113 6.8).
  bool announce_end();
  // Second step: none behind the last one that has come, which is what it gives.
  StreamId submit_goaway(ErrorCode error);
  // With everything: what is submitted before is still written.
  void terminate(ErrorCode error);

  // How many bytes of bodies the peer may send now, as far as the connection goes.
  std::size_t receive_window() const;
  // How many bytes the peer lets us send now: of the stream, of all of them, and what both allow.
  std::size_t stream_window(StreamId stream) const;
  std::size_t connection_window() const;
  std::size_t window(StreamId stream) const;
  bool knows(StreamId stream) const;
  std::uint32_t peer_streams() const;  // how many we may open, at a time
  bool peer_takes_tunnels() const;     // extended CONNECT (RFC 8441)

 private:
  struct Calls;
  friend struct Calls;
  struct Slept;
  struct DeleteSlept {
    void operator()(Slept* slept) const;
  };

  void make();
  void put(std::string_view frame);
  bool hold(std::size_t bytes);

  bool rouse();
  void wake();
  bool may_sleep(StreamId last) const;
  bool read_table(StreamId last, std::string& table);
  void drain();

  SessionSettings settings_;
  SessionEvents* events_;
  net::Ledger& ledger_;
  SessionMemory memory_;
  nghttp2_session* session_ = nullptr;  // null while asleep, too
  std::unique_ptr<Slept, DeleteSlept> slept_;
  std::span<char> room_;     // of the write() that runs
  std::size_t written_ = 0;  // in it
  std::string overflow_;     // of a block of fields, what had no room behind the rest
  std::size_t held_ = 0;     // of that, what the ledger pays for
  std::size_t unread_ = 0;   // bytes of bodies that came and were not consumed
  bool has_failed_ = false;
  bool has_settings_ = false;  // of the peer
  bool was_odd_ = false;       // fields or frames came that nghttp2 told nobody of, or other settings
};

}  // namespace sallyport::http::h2
