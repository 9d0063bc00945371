// SPDX-License-Identifier: Apache-2.0
#include "net/socket.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "net/socket_address.hpp"

namespace sallyport::net {

Socket::Socket(Loop& loop, Fd fd, Owner* owner) : loop_(loop), fd_(std::move(fd)), owner_(owner) {
  const int on = 1;
  ::setsockopt(fd_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  registered_ = loop_.add(fd_.get(), EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, *this);
}

Socket::~Socket() {
  if (registered_) loop_.remove(fd_.get(), *this);
  if (destroyed_ != nullptr) *destroyed_ = true;
}

bool Socket::readable() {
  if (readable_ && std::exchange(maybe_drained_, false)) {
    char byte = 0;
    readable_ = ::recv(fd_.get(), &byte, 1, MSG_PEEK) >= 0 || errno != EAGAIN;
  }
  return readable_;
}

bool Socket::has_bytes() {
  char byte = 0;
  if (::recv(fd_.get(), &byte, 1, MSG_PEEK) > 0) readable_ = true;
  return readable_;
}

bool Socket::write_at_once(std::string_view text) {
  return writer_ == nullptr &&
         ::send(fd_.get(), text.data(), text.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(text.size());
}

void Socket::shutdown_write() { ::shutdown(fd_.get(), SHUT_WR); }

void Socket::reset_on_close() {
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

void Socket::interrupt() {
  interrupted_ = true;
  loop_.defer(interruption_);
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

  if (writer_ != nullptr && (events & (EPOLLOUT | over)) != 0 && writer_->attempt()) {
    write_deadline_ = never;
    finish(writer_);
    if (destroyed) return;
  }
  const bool read = reader_ != nullptr;
  if (read && readable_ && reader_->attempt()) {
    finish(reader_);
    if (destroyed) return;
  }
  // The edge of a reset comes once, whether or not somebody reads meanwhile.
  if (reader_ == nullptr && owner_ != nullptr && (events & over) != 0) {
    owner_->on_gone();
  } else if (!read && owner_ != nullptr && readable_) {
    owner_->on_readable();
  }
  if (!destroyed) destroyed_ = nullptr;
}

void Socket::on_timer() {
  bool destroyed = false;
  destroyed_ = &destroyed;
  const Time now = loop_.now();
  if (write_deadline_ <= now) {
    write_deadline_ = never;
    if (writer_ != nullptr) {
      writer_->fail(IoError::timeout);
      finish(writer_);
      if (destroyed) return;
    }
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

void Socket::on_interrupt() {
  if (reader_ == nullptr) return;  // the next read that has to wait finds the flag
  interrupted_ = false;
  read_deadline_ = never;
  reader_->fail(IoError::interrupted);
  finish(reader_);
}

void Socket::Read::await_suspend(std::coroutine_handle<> handle) {
  handle_ = handle;
  socket_.reader_ = this;
  socket_.arm_read(deadline_);
  if (socket_.interrupted_) socket_.interrupt();
}

bool Socket::Read::attempt() {
  const ssize_t got = ::recv(socket_.fd_.get(), buffer_.data(), buffer_.size(), 0);  // never EINTR: it does not block
  if (got < 0) {
    if (errno == EAGAIN) {
      socket_.readable_ = false;
      return false;
    }
    result_ = std::unexpected(IoError::reset);
    return true;
  }
  // Less than asked for means drained, unless the end is still to be read.
  const bool filled = static_cast<std::size_t>(got) == buffer_.size();
  if (!filled && !socket_.hung_up_) socket_.readable_ = false;
  socket_.maybe_drained_ = filled;
  socket_.read_deadline_ = never;
  result_ = static_cast<std::size_t>(got);
  return true;
}

Socket::Write::Write(Socket& socket, std::string_view first, std::string_view second, Duration stall)
    : Waiter(socket), stall_(stall) {
  parts_[0] = {.iov_base = const_cast<char*>(first.data()), .iov_len = first.size()};
  parts_[1] = {.iov_base = const_cast<char*>(second.data()), .iov_len = second.size()};
}

void Socket::Write::await_suspend(std::coroutine_handle<> handle) {
  handle_ = handle;
  socket_.writer_ = this;
  socket_.arm_write(socket_.loop_.now() + stall_);
}

bool Socket::Write::attempt() {
  for (;;) {
    while (part_ < parts_.size() && parts_[part_].iov_len == 0) ++part_;
    if (part_ == parts_.size()) return true;
    const bool one = part_ + 1 == parts_.size() || parts_[1].iov_len == 0;
    msghdr message{};
    message.msg_iov = &parts_[part_];
    message.msg_iovlen = parts_.size() - part_;
    const ssize_t sent = one ? ::send(socket_.fd_.get(), parts_[part_].iov_base, parts_[part_].iov_len, MSG_NOSIGNAL)
                             : ::sendmsg(socket_.fd_.get(), &message, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0 && errno == EAGAIN) return false;
    if (sent < 0) {
      result_ = std::unexpected(IoError::reset);
      return true;
    }
    took(static_cast<std::size_t>(sent));
    if (socket_.writer_ == this) socket_.arm_write(socket_.loop_.now() + stall_);  // progress: a new span
  }
}

void Socket::Write::took(std::size_t bytes) {
  while (bytes != 0) {
    iovec& part = parts_[part_];
    const std::size_t of_this = std::min(bytes, part.iov_len);
    part.iov_base = static_cast<char*>(part.iov_base) + of_this;
    part.iov_len -= of_this;
    bytes -= of_this;
    if (part.iov_len == 0) ++part_;
  }
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

IoResult<Fd> start_connect(const syntax::SocketAddress& address) {
  KernelAddress kernel = to_kernel(address);
  Fd fd(::socket(kernel.get()->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return std::unexpected(IoError::refused);
  if (::connect(fd.get(), kernel.get(), kernel.size) != 0 && errno != EINPROGRESS) {
    return std::unexpected(IoError::refused);
  }
  return fd;
}

}  // namespace sallyport::net
