// SPDX-License-Identifier: Apache-2.0
#include "net/proxy_header.hpp"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <utility>

namespace sallyport::net {

bool ReadProxyHeader::await_suspend(std::coroutine_handle<> handle) {
  watching_ = loop_.add(fd_.get(), EPOLLIN, *this);
  if (!watching_) {
    result_ = fail(Code::overloaded);
    return false;
  }
  handle_ = handle;
  loop_.timers().arm(*this, deadline_);
  return true;
}

// Looks first: what does not complete the header is all of it, and of what does the rest is left where it is.
bool ReadProxyHeader::attempt() {
  std::array<char, longest_proxy_header> room;
  for (;;) {
    const ssize_t seen = ::recv(fd_.get(), room.data(), room.size() - came_.size(), MSG_PEEK);
    if (seen < 0 && errno == EAGAIN) return false;
    if (seen <= 0) {
      result_ = fail(Code::client_gone);
      return true;
    }
    const std::size_t before = came_.size();
    came_.append(room.data(), static_cast<std::size_t>(seen));
    const auto parsed = parse_proxy_header(came_);
    if (!parsed) {
      result_ = Failure(parsed.error());
      return true;
    }
    const std::size_t taken = *parsed ? (*parsed)->size - before : static_cast<std::size_t>(seen);
    if (::recv(fd_.get(), room.data(), taken, 0) != static_cast<ssize_t>(taken)) {
      result_ = fail(Code::client_gone);
      return true;
    }
    if (*parsed) {
      result_ = **parsed;
      return true;
    }
  }
}

void ReadProxyHeader::stop() {
  if (std::exchange(watching_, false)) loop_.remove(fd_.get(), *this);
  TimerWheel::disarm(*this);
}

void ReadProxyHeader::on_events(std::uint32_t) {
  if (!attempt()) return;
  stop();
  handle_.resume();
}

void ReadProxyHeader::fire() {
  result_ = fail(Code::client_timeout);
  stop();
  handle_.resume();
}

}  // namespace sallyport::net
