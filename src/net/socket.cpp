// SPDX-License-Identifier: Apache-2.0
#include "net/socket.hpp"

#include <fcntl.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/prefetch.hpp"
#include "net/socket_address.hpp"
#include "net/system_calls.hpp"
#include "net/tls/stream.hpp"

namespace sallyport::net {
namespace {

iovec as_iovec(std::string_view text) { return {.iov_base = const_cast<char*>(text.data()), .iov_len = text.size()}; }

}  // namespace

Socket::Socket(Loop& loop, Fd fd, Owner* owner, Loop::Order order) : loop_(loop), fd_(std::move(fd)), owner_(owner) {
  registered_ = loop_.add(fd_.get(), EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, *this, order);
}

Socket::Socket(Loop& loop, Fd fd, Owner* owner, std::unique_ptr<tls::Stream> stream, Loop::Order order)
    : Socket(loop, std::move(fd), owner, order) {
  if (stream != nullptr) start_tls(std::move(stream));
}

Socket::~Socket() {
  if (!flush()) lose_put_off();
  if (tls_ != nullptr && !resets_) tls_->close(fd_.get());
  if (registered_) loop_.forget(*this);
  if (destroyed_ != nullptr) *destroyed_ = true;
}

bool Socket::readable() {
  if (tls_ != nullptr) [[unlikely]]
    return look();
  if (readable_ && std::exchange(maybe_drained_, false)) {
    char byte = 0;
    readable_ = ::recv(fd_.get(), &byte, 1, MSG_PEEK) >= 0 || errno != EAGAIN;
  }
  return readable_;
}

bool Socket::has_bytes() {
  if (tls_ != nullptr) [[unlikely]] {
    readable_ = true;
    return look();
  }
  char byte = 0;
  if (::recv(fd_.get(), &byte, 1, MSG_PEEK) > 0) readable_ = true;
  return readable_;
}

std::optional<IoResult<std::size_t>> Socket::read_now(std::span<char> buffer) {
  if (tls_ != nullptr) [[unlikely]]
    return decrypt(buffer);
  if (!readable_) return std::nullopt;
  const ssize_t got = system::receive(fd_.get(), buffer);  // never EINTR: it does not block
  if (got < 0 && errno == EAGAIN) {
    readable_ = false;
    return std::nullopt;
  }
  if (got < 0) return std::unexpected(IoError::reset);
  // Less than asked for means drained, unless the end is still to be read.
  const bool filled = static_cast<std::size_t>(got) == buffer.size();
  if (!filled && !hung_up_) readable_ = false;
  maybe_drained_ = filled;
  return static_cast<std::size_t>(got);
}

std::optional<IoResult<std::size_t>> Socket::read_now(Pipe& pipe, std::size_t most) {
  if (!readable_) return std::nullopt;
  const ssize_t got =
      ::splice(fd_.get(), nullptr, pipe.ends_.in.get(), nullptr, most, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
  if (got < 0 && errno == EINTR) return read_now(pipe, most);
  if (got < 0 && errno == EAGAIN) {
    readable_ = false;
    return std::nullopt;
  }
  if (got < 0) return std::unexpected(IoError::reset);
  // That there is less than was asked for says nothing: the slots of the pipe may have come to an end.
  maybe_drained_ = true;
  pipe.held_ += static_cast<std::size_t>(got);
  return static_cast<std::size_t>(got);
}

// How much of the parts the kernel took: 0 when the peer takes nothing now.
IoResult<std::size_t> Socket::send(std::span<iovec> parts, int flags) {
  if (tls_ != nullptr) [[unlikely]]
    return tls_->send(fd_.get(), parts, flags);
  for (;;) {
    ssize_t sent = 0;
    if (parts.size() == 1) {  // which is a little faster without a message around it
      sent = system::send(fd_.get(), {static_cast<const char*>(parts[0].iov_base), parts[0].iov_len}, flags);
    } else {
      msghdr message{};
      message.msg_iov = parts.data();
      message.msg_iovlen = parts.size();
      sent = ::sendmsg(fd_.get(), &message, MSG_NOSIGNAL | flags);
    }
    if (sent >= 0) return static_cast<std::size_t>(sent);
    if (errno == EAGAIN) return 0;
    if (errno != EINTR) return std::unexpected(IoError::reset);
  }
}

IoResult<std::size_t> Socket::write_now(std::string_view first, std::string_view second, bool flows) {
  if (!flush() || (first.empty() && second.empty())) return 0;
  if (broken_) return std::unexpected(IoError::reset);
  keeps_end_ = flows;
  if (flows) loop_.defer(turn_end_);
  const int flags = flows ? MSG_MORE : 0;
  std::array<iovec, 2> parts = {as_iovec(first), as_iovec(second)};
  if (first.empty()) return send(std::span(parts).last(1), flags);
  return send(std::span(parts).first(second.empty() ? 1 : 2), flags);
}

IoResult<std::size_t> Socket::write_now(Pipe& pipe) {
  if (!flush()) return 0;
  if (broken_) return std::unexpected(IoError::reset);
  keeps_end_ = true;
  loop_.defer(turn_end_);
  for (;;) {
    const ssize_t sent = ::splice(pipe.ends_.out.get(), nullptr, fd_.get(), nullptr, pipe.held_,
                                  SPLICE_F_MOVE | SPLICE_F_NONBLOCK | SPLICE_F_MORE);
    if (sent >= 0) {
      pipe.held_ -= static_cast<std::size_t>(sent);
      return static_cast<std::size_t>(sent);
    }
    if (errno == EAGAIN) return 0;
    if (errno != EINTR) return std::unexpected(IoError::reset);
  }
}

void Socket::set_most_unsent(int bytes) {
  ::setsockopt(fd_.get(), IPPROTO_TCP, TCP_NOTSENT_LOWAT, &bytes, sizeof bytes);
}

void Socket::put_off(std::string_view kept, Ledger& ledger, Duration stall, Time latest) {
  put_off_ = kept;
  put_off_ledger_ = &ledger;
  put_off_stall_ = stall;
  put_off_latest_ = latest;
  loop_.defer(turn_end_);
}

bool Socket::write_at_once(std::string_view text) { return writer_ == nullptr && write_now(text, {}) == text.size(); }

bool Socket::write_soon(std::string_view text, Ledger& ledger, Duration stall) {
  const IoResult<std::size_t> sent = write_now(text, {});
  if (!sent || *sent == text.size()) return sent.has_value();
  text.remove_prefix(*sent);
  if (!put_off_.empty()) return let_wait_behind(text);
  rest_ = loop_.buffers().take(BufferPool::size_for(text.size()), ledger);
  if (rest_.size() < text.size()) return false;
  std::memcpy(rest_.data(), text.data(), text.size());
  put_off_ = {rest_.data(), text.size()};
  put_off_ledger_ = &ledger;
  put_off_stall_ = stall;
  put_off_latest_ = never;
  let_wait();
  return true;
}

bool Socket::flush() {
  while (!put_off_.empty()) {
    iovec part = as_iovec(put_off_);
    const IoResult<std::size_t> sent = send(std::span(&part, 1));
    if (sent == 0U) return false;
    if (sent && *sent < put_off_.size()) {
      put_off_.remove_prefix(*sent);
    } else {
      broken_ = !sent;
      drop_put_off();
    }
  }
  return true;
}

void Socket::discard_put_off() {
  if (!put_off_.empty()) drop_put_off();
}

void Socket::drop_put_off() {
  if (!rest_) loop_.outbox().release();
  rest_.give_back();
  put_off_ = {};
  if (writer_ == nullptr) write_deadline_ = never;
}

// A part of it may be out, and nothing can follow that.
void Socket::lose_put_off() {
  drop_put_off();
  broken_ = true;
  reset_on_close();
}

// The peer does not take what was put off: it makes room for those of the next turn.
void Socket::let_wait() {
  if (writer_ == nullptr) arm_write(std::min(loop_.now() + put_off_stall_, put_off_latest_));
  rest_in_kernel_ = -1;
  if (rest_) return;
  Buffer rest = loop_.buffers().take(put_off_.size() <= BufferPool::small ? BufferPool::small : BufferPool::large,
                                     *put_off_ledger_);
  if (!rest) return lose_put_off();
  std::memcpy(rest.data(), put_off_.data(), put_off_.size());
  put_off_ = {rest.data(), put_off_.size()};
  rest_ = std::move(rest);
  loop_.outbox().release();
}

bool Socket::let_wait_behind(std::string_view text) {
  if (!rest_) let_wait();
  if (broken_) return false;
  if (put_off_.size() + text.size() > rest_.size()) return false;
  std::memmove(rest_.data(), put_off_.data(), put_off_.size());
  std::memcpy(rest_.data() + put_off_.size(), text.data(), text.size());
  put_off_ = {rest_.data(), put_off_.size() + text.size()};
  return true;
}

// The kernel tells of room only when there is much of it: who takes little is asked after.
bool Socket::rest_goes_on() {
  const Time now = loop_.now();
  int in_kernel = 0;
  if (put_off_latest_ <= now || ::ioctl(fd_.get(), SIOCOUTQ, &in_kernel) != 0) return false;
  const bool takes = rest_in_kernel_ < 0 || in_kernel < rest_in_kernel_;
  rest_in_kernel_ = in_kernel;
  if (takes) arm_write(std::min(now + (put_off_stall_ + Duration(1)) / 2, put_off_latest_));
  return takes;
}

void Socket::shutdown_write() {
  if (tls_ != nullptr) [[unlikely]] {
    tls_->close(fd_.get());
    shuts_ = true;
    return flush_tls();
  }
  ::shutdown(fd_.get(), SHUT_WR);
}

void Socket::reset_on_close() {
  resets_ = true;
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

void Socket::interrupt() {
  interrupted_ = true;
  loop_.defer(turn_end_);
}

void Socket::arm_read(Time deadline) {
  read_deadline_ = deadline;
  arm_timer();
}

void Socket::arm_write(Time deadline) {
  write_deadline_ = deadline;
  arm_timer();
}

void Socket::arm_timer() {
  if (const Time first = std::min(read_deadline_, write_deadline_); first != never) loop_.timers().arm(timer_, first);
}

// Takes the waiter off and goes on with its coroutine, which may destroy the socket.
void Socket::finish(Waiter*& waiter) { std::exchange(waiter, nullptr)->handle_.resume(); }

void Socket::on_events(std::uint32_t events) {
  bool destroyed = false;
  destroyed_ = &destroyed;
  constexpr std::uint32_t over = EPOLLHUP | EPOLLERR;
  if ((events & (EPOLLIN | EPOLLRDHUP | over)) != 0) readable_ = true;
  if ((events & (EPOLLRDHUP | over)) != 0) hung_up_ = true;
  if ((events & (EPOLLOUT | over)) != 0) writable_ = true;

  if ((events & (EPOLLOUT | over)) != 0) {
    if (writer_ != nullptr) {
      if (writer_->attempt()) {
        write_deadline_ = never;
        finish(writer_);
      }
    } else if (rest_) {  // what was not tried yet has its time at the end of the turn
      on_room();
    } else if (tls_ != nullptr) {
      flush_tls();
    }
    if (destroyed) return;
  }
  const bool read = reader_ != nullptr;
  if (read && may_read() && reader_->attempt()) {
    finish(reader_);
    if (destroyed) return;
  }
  // The edge of a reset comes once, whether or not somebody reads meanwhile.
  if (reader_ == nullptr && owner_ != nullptr && (events & over) != 0) {
    owner_->on_gone();
  } else if (!read && owner_ != nullptr && readable_ && (tls_ == nullptr || look())) {
    owner_->on_readable();
  }
  if (!destroyed) destroyed_ = nullptr;
}

// Who waits lies in the frame of its coroutine, which goes on first.
void Socket::prefetch() const {
  if (reader_ != nullptr) {
    fetch_lines(reader_->handle_.address(), 4);
    fetch_lines(reader_, 1);
  } else if (owner_ != nullptr) {
    fetch_lines(owner_, 2);
  }
}

void Socket::on_timer() {
  bool destroyed = false;
  destroyed_ = &destroyed;
  const Time now = loop_.now();
  if (write_deadline_ <= now) {
    write_deadline_ = never;
    if (writer_ != nullptr && writer_->goes_on()) {
      // What it takes is too little for the kernel to tell.
    } else if (writer_ != nullptr) {
      if (!put_off_.empty()) lose_put_off();  // the writer's bytes would have followed these
      writer_->fail(IoError::timeout);
      finish(writer_);
    } else if (rest_ && !rest_goes_on()) {
      lose_put_off();
      if (reader_ == nullptr && owner_ != nullptr) owner_->on_gone();  // a reader has a deadline of its own
    }
    if (destroyed) return;
  }
  if (read_deadline_ <= now) {
    read_deadline_ = never;
    if (reader_ != nullptr) {
      reader_->fail(IoError::timeout);
      finish(reader_);
    } else if (owner_ != nullptr) {
      owner_->on_deadline();
    }
    if (destroyed) return;
  }
  destroyed_ = nullptr;
  arm_timer();
}

void Socket::on_turn_end() {
  bool destroyed = false;
  destroyed_ = &destroyed;
  if (!rest_ && !flush()) let_wait();
  if (std::exchange(keeps_end_, false)) {  // tcp(7): this sends it, also when the option is set already
    const int on = 1;
    ::setsockopt(fd_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }
  if (std::exchange(fresh_, false)) {
    flush_tls();
    if (reader_ == nullptr && owner_ != nullptr && holds_input() && look()) owner_->on_readable();
    if (destroyed) return;
  }
  if (broken_) fail_reader(IoError::reset);
  if (destroyed) return;
  if (interrupted_ && reader_ != nullptr) {  // else the next read that has to wait finds the flag
    interrupted_ = false;
    fail_reader(IoError::interrupted);
  }
  if (!destroyed) destroyed_ = nullptr;
}

// For what was put off and had to wait.
void Socket::on_room() {
  if (!flush()) return let_wait();
  if (broken_) {
    fail_reader(IoError::reset);
  } else if (owner_ != nullptr) {
    owner_->on_sent();
  }
}

// The owner, when nobody reads.
void Socket::fail_reader(IoError error) {
  if (reader_ == nullptr) {
    if (owner_ != nullptr) owner_->on_gone();
    return;
  }
  read_deadline_ = never;
  reader_->fail(error);
  finish(reader_);
}

void Socket::Read::await_suspend(std::coroutine_handle<> handle) {
  handle_ = handle;
  socket_.reader_ = this;
  socket_.arm_read(deadline_);
  if (socket_.interrupted_) socket_.interrupt();
}

bool Socket::Read::attempt() {
  std::optional<IoResult<std::size_t>> got = 0;
  if (!buffer_.empty()) {
    got = socket_.read_now(buffer_);
  } else if (socket_.tls_ != nullptr && !socket_.look()) {
    return false;
  }
  if (!got) return false;
  socket_.read_deadline_ = never;
  result_ = *got;
  return true;
}

void Socket::Write::await_suspend(std::coroutine_handle<> handle) {
  handle_ = handle;
  socket_.writer_ = this;
  since_ = socket_.loop_.now();
  arm();
}

// The kernel tells of room only when there is much of it, and holds more than a slow peer takes in one stall. So it is
// asked twice in each.
void Socket::Write::arm() {
  looked_ = false;
  socket_.arm_write(std::min(socket_.loop_.now() + taking_.stall / 2, taking_.latest));
}

// Of what the peer takes two things tell: the kernel holds less than at the last look, and there is room for more. What
// was counted by the one is not counted by the other.
void Socket::Write::took(std::size_t bytes) {
  if (taking_.rate == 0) return;
  const Time now = socket_.loop_.now();
  const auto waited = std::chrono::duration_cast<Duration>(now - std::exchange(since_, now));
  behind_ = std::max(Duration(), behind_ + waited - Duration(bytes * 1000 / taking_.rate));
}

bool Socket::Write::goes_on() {
  const Time now = socket_.loop_.now();
  int in_kernel = 0;
  if (taking_.latest <= now || ::ioctl(socket_.fd_.get(), SIOCOUTQ, &in_kernel) != 0) return false;
  const bool takes = !looked_ || in_kernel < in_kernel_;
  if (takes && looked_) {
    const auto taken = static_cast<std::size_t>(in_kernel_ - in_kernel);
    took(taken);
    counted_ += taken;
  }
  if (!std::exchange(looked_, true)) since_ = now;
  in_kernel_ = in_kernel;
  if (!takes || behind_ > taking_.slack) return false;
  socket_.arm_write(std::min(now + (taking_.stall + Duration(1)) / 2, taking_.latest));
  return true;
}

bool Socket::Write::is_done() const {
  return pipe_ == nullptr ? first_.empty() && second_.empty() : pipe_->held() == 0;
}

IoResult<std::size_t> Socket::Write::step() {
  if (pipe_ != nullptr) return socket_.write_now(*pipe_);
  const IoResult<std::size_t> sent = socket_.write_now(first_, second_);
  const std::size_t of_first = std::min(sent.value_or(0), first_.size());
  first_.remove_prefix(of_first);
  second_.remove_prefix(sent.value_or(0) - of_first);
  return sent;
}

bool Socket::Write::attempt() {
  while (!is_done()) {
    const std::size_t before = socket_.put_off_.size();
    const IoResult<std::size_t> sent = step();
    if (!sent) {
      result_ = std::unexpected(sent.error());
      return true;
    }
    if (*sent == 0) {
      // What goes before these moved: that is progress, too.
      if (socket_.put_off_.size() != before && socket_.writer_ == this) arm();
      return false;
    }
    // Progress: a new span.
    if (socket_.writer_ == this) {
      const std::size_t again = std::min(*sent, counted_);
      counted_ -= again;
      took(*sent - again);
      arm();
    }
  }
  return true;
}

void Socket::Connected::await_suspend(std::coroutine_handle<> handle) {
  handle_ = handle;
  socket_.writer_ = this;
  socket_.arm_write(deadline_);
}

bool Socket::Connected::attempt() {
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(socket_.fd_.get(), SOL_SOCKET, SO_ERROR, &error, &size);
  if (error == ETIMEDOUT) {
    result_ = std::unexpected(IoError::timeout);
  } else if (error != 0) {
    result_ = std::unexpected(IoError::refused);
  }
  return true;
}

namespace {

// What is exhausted is missing here, whomever we connect to; for what has no route another address may have one. That
// there is no address to come from is said where IPv6 is switched off, and where all ports to this one are in use.
IoError connect_error(int error) {
  switch (error) {
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
    case EAGAIN:
      return IoError::exhausted;
    case ENETUNREACH:
    case EHOSTUNREACH:
    case EADDRNOTAVAIL:
    case EAFNOSUPPORT:
    case EACCES:
    case EPERM:
      return IoError::no_route;
    default:
      return IoError::refused;
  }
}

}  // namespace

IoResult<Fd> start_connect(const syntax::SocketAddress& address) {
  KernelAddress kernel = to_kernel(address);
  Fd fd(::socket(kernel.get()->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return std::unexpected(connect_error(errno));
  const int on = 1;
  ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (::connect(fd.get(), kernel.get(), kernel.size) != 0 && errno != EINPROGRESS) {
    return std::unexpected(connect_error(errno));
  }
  return fd;
}

}  // namespace sallyport::net
