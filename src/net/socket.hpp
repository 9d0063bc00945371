// SPDX-License-Identifier: Apache-2.0
// A connected stream socket, non-blocking, registered with the loop once and edge-triggered.
//
// One reader and one writer may wait at a time. Every wait has a deadline. A waiter that is destroyed takes itself off.
// `readable_` remembers an edge, so no byte is missed and no receive is tried that would find nothing (hot-path.md 3).
// Belongs to its loop's thread; neither copied nor moved.

#pragma once

#include <sys/uio.h>

#include <array>
#include <coroutine>
#include <cstdint>
#include <expected>
#include <span>
#include <string_view>

#include "net/fd.hpp"
#include "net/loop.hpp"
#include "syntax/address.hpp"

namespace sallyport::net {

enum class IoError : std::uint8_t {
  timeout,
  reset,        // by the peer, or the network gave up
  refused,      // a connect that nobody listens for, or that has no route
  interrupted,  // by interrupt()
};

template <class T>
using IoResult = std::expected<T, IoError>;

class Socket final : private Watcher {
 public:
  // Hears what no reader waits for. Called by the loop only.
  class Owner {
   public:
    virtual void on_readable() = 0;  // bytes or the end
    virtual void on_gone() = 0;      // the peer reset, or both directions are over
    virtual void on_deadline() = 0;  // of idle_until()

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
  };

  // Gives 1 to buffer.size() bytes, or 0 at the end of the stream.
  class [[nodiscard]] Read final : Waiter {
   public:
    Read(Socket& socket, std::span<char> buffer, Time deadline)
        : Waiter(socket), buffer_(buffer), deadline_(deadline) {}
    ~Read() override {
      if (socket_.reader_ == this) socket_.reader_ = nullptr;
    }

    bool await_ready() { return socket_.readable_ && attempt(); }
    void await_suspend(std::coroutine_handle<> handle);
    IoResult<std::size_t> await_resume() const { return result_; }

   private:
    bool attempt() override;
    void fail(IoError error) override { result_ = std::unexpected(error); }

    std::span<char> buffer_;
    Time deadline_;
    IoResult<std::size_t> result_ = 0;
  };

  // Sends all of both parts. `stall` bounds each wait for the peer to take more.
  class [[nodiscard]] Write final : Waiter {
   public:
    Write(Socket& socket, std::string_view first, std::string_view second, Duration stall);
    ~Write() override {
      if (socket_.writer_ == this) socket_.writer_ = nullptr;
    }

    bool await_ready() { return attempt(); }
    void await_suspend(std::coroutine_handle<> handle);
    IoResult<void> await_resume() const { return result_; }

   private:
    bool attempt() override;
    void fail(IoError error) override { result_ = std::unexpected(error); }
    void took(std::size_t bytes);

    std::array<iovec, 2> parts_;
    std::size_t part_ = 0;
    Duration stall_;
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
  Socket(Loop& loop, Fd fd, Owner* owner);
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  ~Socket();

  // False: the loop could not take it; it can only be destroyed.
  bool registered() const { return registered_; }

  Read read(std::span<char> buffer, Time deadline) { return {*this, buffer, deadline}; }
  Write write(std::string_view first, std::string_view second, Duration stall) { return {*this, first, second, stall}; }
  // All of a short text, or false: it did not fit, or the peer is gone. Never waits, so it may come beside a write.
  [[nodiscard]] bool write_at_once(std::string_view text);
  Connected connected(Time deadline) { return {*this, deadline}; }

  // Nobody reads: the owner hears of bytes, and of the deadline.
  void idle_until(Time deadline) { arm_read(deadline); }
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

 private:
  struct Deadline final : Timer {
    explicit Deadline(Socket& of) : socket(of) {}
    void fire() override { socket.on_timer(); }
    Socket& socket;
  };
  struct Interruption final : Deferred {
    explicit Interruption(Socket& of) : socket(of) {}
    void at_turn_end() override { socket.on_interrupt(); }
    Socket& socket;
  };

  static constexpr Time never = Time::max();

  void on_events(std::uint32_t events) override;
  void on_timer();
  void on_interrupt();
  void arm_read(Time deadline);
  void arm_write(Time deadline);
  void arm_timer();
  static void finish(Waiter*& waiter);

  Loop& loop_;
  Fd fd_;
  Owner* owner_;
  Waiter* reader_ = nullptr;
  Waiter* writer_ = nullptr;
  bool* destroyed_ = nullptr;  // set by the destructor, for a caller of ours that is still on the stack
  Time read_deadline_ = never;
  Time write_deadline_ = never;
  Deadline timer_{*this};
  Interruption interruption_{*this};
  bool registered_ = false;
  bool readable_ = false;
  bool maybe_drained_ = false;  // the last receive filled its room: readable_ may be out of date
  bool writable_ = false;       // an edge was seen: a connect is over
  bool hung_up_ = false;
  bool interrupted_ = false;
};

// A connect() that is under way or done; `refused` when it failed at once.
IoResult<Fd> start_connect(const syntax::SocketAddress& address);

}  // namespace sallyport::net
