// SPDX-License-Identifier: Apache-2.0
// A connected stream socket, non-blocking and without Nagle's delay (whoever opens it sees to both), registered with
// the loop once and edge-triggered.
//
// One reader and one writer may wait at a time. Every wait has a deadline. A waiter that is destroyed takes itself off.
// `readable_` remembers an edge, so no byte is missed and no receive is tried that would find nothing (hot-path.md 3).
// A short message that ends what its sender has to say may be put off to the end of the loop's turn, where it goes out
// with those of other connections; whatever is written later waits for it. Belongs to its loop's thread; neither copied
// nor moved.
//
// With a tls::Stream in it all of that is said of the plaintext inside. A write that took only a part, or nothing, must
// then be followed by one of the very bytes that are left, as every user of a socket does. What needs no answer of
// ours, or an answer that is TLS's alone, is dealt with here: nobody hears of it.

#pragma once

#include <sys/uio.h>

#include <coroutine>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "net/buffer_pool.hpp"
#include "net/fd.hpp"
#include "net/io_result.hpp"
#include "net/loop.hpp"
#include "net/pipe.hpp"
#include "syntax/address.hpp"

namespace sallyport::net {

namespace tls {
class Stream;
struct Facts;
}  // namespace tls

class Socket final : private Watcher {
 public:
  // Hears what no reader waits for. Called by the loop only.
  class Owner {
   public:
    virtual void on_readable() = 0;  // bytes or the end
    virtual void on_gone() = 0;      // the peer reset, or takes nothing more, or both directions are over
    virtual void on_deadline() = 0;  // of idle_until()
    virtual void on_sent() {}        // what was put off had to wait for the peer, and is sent now

   protected:
    ~Owner() = default;
  };

  class Waiter {
   protected:
    explicit Waiter(Socket& socket) : socket_(socket) {}
    Waiter(const Waiter&) = delete;
    Waiter& operator=(const Waiter&) = delete;
    virtual ~Waiter() = default;

    Socket& socket_;
    std::coroutine_handle<> handle_;

   private:
    friend class Socket;
    virtual bool attempt() = 0;  // true: there is a result
    virtual void fail(IoError error) = 0;
    // Its deadline has come. True: it was given another.
    virtual bool goes_on() { return false; }
  };

  // Gives 1 to buffer.size() bytes, or 0 at the end of the stream. Without a buffer it reads nothing and gives 0 when
  // there may be something to read: nobody has to hold a buffer while there is nothing.
  class [[nodiscard]] Read final : Waiter {
   public:
    Read(Socket& socket, std::span<char> buffer, Time deadline)
        : Waiter(socket), buffer_(buffer), deadline_(deadline) {}
    ~Read() override {
      if (socket_.reader_ == this) socket_.reader_ = nullptr;
    }

    bool await_ready() { return socket_.may_read() && attempt(); }
    void await_suspend(std::coroutine_handle<> handle);
    IoResult<std::size_t> await_resume() const { return result_; }

   private:
    bool attempt() override;
    void fail(IoError error) override { result_ = std::unexpected(error); }

    std::span<char> buffer_;
    Time deadline_;
    IoResult<std::size_t> result_ = 0;
  };

  // How slowly a peer may take what is sent to it.
  struct Taking {
    Duration stall;          // that it may take nothing
    Time latest = never;     // until when it has to have taken all
    std::uint64_t rate = 0;  // bytes a second that it has to take; 0: as few as it likes
    Duration slack{};        // that it may be behind the rate
  };

  // Sends all of both parts.
  class [[nodiscard]] Write final : Waiter {
   public:
    Write(Socket& socket, std::string_view first, std::string_view second, const Taking& taking)
        : Waiter(socket), first_(first), second_(second), taking_(taking) {}
    Write(Socket& socket, Pipe& pipe, const Taking& taking) : Waiter(socket), pipe_(&pipe), taking_(taking) {}
    ~Write() override {
      if (socket_.writer_ == this) socket_.writer_ = nullptr;
    }

    bool await_ready() { return attempt(); }
    void await_suspend(std::coroutine_handle<> handle);
    IoResult<void> await_resume() const { return result_; }

   private:
    bool attempt() override;
    void fail(IoError error) override { result_ = std::unexpected(error); }
    bool goes_on() override;
    void arm();
    void took(std::size_t bytes);
    bool is_done() const;
    IoResult<std::size_t> step();

    std::string_view first_;  // what is left of the parts
    std::string_view second_;
    Pipe* pipe_ = nullptr;  // or what is left in it
    Taking taking_;
    Duration behind_{};        // what its rate asks for
    Time since_{};             // the last look, or progress
    int in_kernel_ = 0;        // bytes that the peer had not taken at the last look
    std::size_t counted_ = 0;  // that it took between looks, and whose room is not filled again
    bool looked_ = false;
    IoResult<void> result_;
  };

  // Waits for the end of a connect() under way.
  class [[nodiscard]] Connected final : Waiter {
   public:
    Connected(Socket& socket, Time deadline) : Waiter(socket), deadline_(deadline) {}
    ~Connected() override {
      if (socket_.writer_ == this) socket_.writer_ = nullptr;
    }

    bool await_ready() { return socket_.writable_ && attempt(); }
    void await_suspend(std::coroutine_handle<> handle);
    IoResult<void> await_resume() const { return result_; }

   private:
    bool attempt() override;
    void fail(IoError error) override { result_ = std::unexpected(error); }

    Time deadline_;
    IoResult<void> result_;
  };

  // The owner may be null while somebody always reads.
  Socket(Loop& loop, Fd fd, Owner* owner, Loop::Order order = Loop::Order::later);
  // Of a connection whose handshake is done; null: cleartext. What came with it is read first.
  Socket(Loop& loop, Fd fd, Owner* owner, std::unique_ptr<tls::Stream> stream, Loop::Order order = Loop::Order::later);
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  ~Socket();

  // False: the loop could not take it; it can only be destroyed.
  bool registered() const { return registered_; }

  Read read(std::span<char> buffer, Time deadline) { return {*this, buffer, deadline}; }
  // What a read() would give without waiting; nothing when it would wait.
  std::optional<IoResult<std::size_t>> read_now(std::span<char> buffer);
  Write write(std::string_view first, std::string_view second, Duration stall, Time latest = never) {
    return {*this, first, second, Taking{.stall = stall, .latest = latest}};
  }
  Write write(std::string_view first, std::string_view second, const Taking& taking) {
    return {*this, first, second, taking};
  }
  // As read_now(), but into the pipe, up to so many bytes. REQUIRES: there is nothing in it; no TLS.
  std::optional<IoResult<std::size_t>> read_now(Pipe& pipe, std::size_t most);
  // All that is in the pipe, as part of a message that flows on. REQUIRES: no TLS; the program ignores SIGPIPE, which a
  // splice to who is gone sends.
  Write write(Pipe& pipe, const Taking& taking) { return {*this, pipe, taking}; }
  // How many bytes of both parts could be sent without waiting: the rest is for a write(). Of a message that flows on,
  // the kernel may keep what fills no segment, until the end of this turn.
  IoResult<std::size_t> write_now(std::string_view first, std::string_view second, bool flows = false);
  // How many bytes the kernel may hold that it could not send yet.
  void set_most_unsent(int bytes);
  // Sends what was kept in the loop's outbox at the end of this turn. What the peer does not take then moves into a
  // buffer, charged to the ledger. Who waits for a read, or else the owner (on_gone), hears when a send fails. When the
  // peer takes nothing for `stall`, or not all until `latest`, nothing more is sent, and the owner hears, if nobody
  // reads. REQUIRES: !has_unsent().
  void put_off(std::string_view kept, Ledger& ledger, Duration stall, Time latest = Time::max());
  // Some of that is not sent, or never will be.
  bool has_unsent() const { return !put_off_.empty() || broken_; }
  // Not even tried yet: what comes meanwhile is no answer to it.
  bool is_put_off() const { return !put_off_.empty() && !rest_; }
  // It will not be sent.
  void discard_put_off();
  // Sends it now. False: some of it has to wait for the peer.
  bool flush();
  // All of a short text, or false: it did not fit, or the peer is gone. Never waits, so it may come beside a write.
  [[nodiscard]] bool write_at_once(std::string_view text);
  // The same of what has to reach the peer: what it does not take now waits as what was put off does, and behind that.
  // False: the peer is gone, or there is no room. REQUIRES: !is_writing().
  [[nodiscard]] bool write_soon(std::string_view text, Ledger& ledger, Duration stall);
  bool is_writing() const { return writer_ != nullptr; }
  Connected connected(Time deadline) { return {*this, deadline}; }

  // Nobody reads: the owner hears of bytes, and of the deadline.
  void idle_until(Time deadline) { arm_read(deadline); }
  Time idle_deadline() const { return read_deadline_; }
  // Replaces the deadline of the read that waits now.
  void replace_read_deadline(Time deadline) { arm_read(deadline); }
  // The read that waits now, or the next one that has to, ends with `interrupted`. Delivered by the loop.
  void interrupt();

  // A read would not wait. When the last one took all that it had room for, the kernel is asked.
  bool readable();
  // The peer has ended its direction, or more.
  bool hung_up() const { return hung_up_; }
  // Asks the kernel: also what came in this turn, of which no event tells yet.
  bool has_bytes();
  void set_owner(Owner* owner) { owner_ = owner; }
  void shutdown_write();
  // Closing then sends a reset instead of the rest: the peer must not take a short body for a whole one.
  void reset_on_close();

  Loop& loop() const { return loop_; }

  // From here on it is TLS. REQUIRES: nothing was put off, nobody waits.
  void start_tls(std::unique_ptr<tls::Stream> stream);
  // What its handshake settled; null: cleartext.
  const tls::Facts* tls() const;
  // The peer ended without saying so first, as TLS asks (RFC 8446 6.1): where nothing else tells, what came may be cut.
  bool truncated() const;
  // The peer gave up TLS with an alert.
  bool alerted() const;
  // A live connection, for another Socket. REQUIRES: nothing was put off, nobody waits. This one can only be destroyed.
  struct Released;
  Released release();

 private:
  struct Deadline final : Timer {
    explicit Deadline(Socket& of) : socket(of) {}
    void fire() override { socket.on_timer(); }
    Socket& socket;
  };
  struct TurnEnd final : Deferred {
    explicit TurnEnd(Socket& of) : socket(of) {}
    void at_turn_end() override { socket.on_turn_end(); }
    Socket& socket;
  };

  static constexpr Time never = Time::max();

  void on_events(std::uint32_t events) override;
  void prefetch() const override;
  void on_timer();
  void on_turn_end();
  bool may_read() const { return readable_ || (tls_ != nullptr && holds_input()); }
  bool holds_input() const;
  std::optional<IoResult<std::size_t>> decrypt(std::span<char> buffer);
  bool receive(std::size_t plain);
  bool look();
  void flush_tls();
  void on_room();
  void let_wait();
  bool let_wait_behind(std::string_view text);
  void drop_put_off();
  void lose_put_off();
  bool rest_goes_on();
  void fail_reader(IoError error);
  void arm_read(Time deadline);
  void arm_write(Time deadline);
  void arm_timer();
  IoResult<std::size_t> send(std::span<iovec> parts, int flags = 0);
  IoResult<std::size_t> write_now(Pipe& pipe);
  static void finish(Waiter*& waiter);

  Loop& loop_;
  Fd fd_;
  Owner* owner_;
  std::unique_ptr<tls::Stream> tls_;  // null: cleartext
  Waiter* reader_ = nullptr;
  Waiter* writer_ = nullptr;
  bool* destroyed_ = nullptr;  // set by the destructor, for a caller of ours that is still on the stack
  Time read_deadline_ = never;
  Time write_deadline_ = never;
  Deadline timer_{*this};
  TurnEnd turn_end_{*this};
  std::string_view put_off_;  // what is left of it, in the outbox or in rest_
  Buffer rest_;
  Ledger* put_off_ledger_ = nullptr;
  Duration put_off_stall_{};
  Time put_off_latest_ = never;
  int rest_in_kernel_ = -1;  // when its stall was looked at last
  bool registered_ = false;
  bool readable_ = false;
  bool maybe_drained_ = false;  // the last receive filled its room: readable_ may be out of date
  bool writable_ = false;       // an edge was seen: a connect is over
  bool hung_up_ = false;
  bool interrupted_ = false;
  bool keeps_end_ = false;  // the kernel, of what was sent last
  bool broken_ = false;     // bytes that were put off are lost: nothing may follow them
  bool resets_ = false;     // on closing
  bool fresh_ = false;      // with TLS: what came with the handshake is not yet told
  bool shuts_ = false;      // with TLS: its direction ends when all is sent
};

// A connect() that is under way or done; `refused`, `no_route` or `exhausted` when it failed at once.
IoResult<Fd> start_connect(const syntax::SocketAddress& address);

}  // namespace sallyport::net
