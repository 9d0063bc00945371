// SPDX-License-Identifier: Apache-2.0
#include "net/acceptor.hpp"

#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include "net/socket_address.hpp"

namespace sallyport::net {

Acceptor::Acceptor(Loop& loop, Fd listening, OnAccept on_accept)
    : loop_(loop), listening_(std::move(listening)), on_accept_(std::move(on_accept)) {
  resume();
}

Acceptor::~Acceptor() {
  for (int i = 0; i < SOMAXCONN && accept_one(); ++i) {
  }
  pause();
}

void Acceptor::pause() {
  TimerWheel::disarm(retry_);  // else it would end this pause
  if (std::exchange(watching_, false)) loop_.remove(listening_.get(), *this);
}

void Acceptor::resume() {
  if (!watching_) watching_ = loop_.add(listening_.get(), EPOLLIN, *this);
  if (!watching_) loop_.timers().arm(retry_, loop_.now() + pause_without_descriptors);
}

void Acceptor::on_events(std::uint32_t) {
  for (int i = 0; i < most_a_turn && watching_ && accept_one(); ++i) {
  }
}

bool Acceptor::accept_one() {
  KernelAddress peer;
  Fd fd(::accept4(listening_.get(), peer.get(), &peer.size, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (fd) {
    on_accept_(std::move(fd), from_kernel(peer).value_or(syntax::SocketAddress()));
    return true;
  }
  if (errno == ECONNABORTED || errno == EINTR) return true;
  if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
    pause();
    loop_.timers().arm(retry_, loop_.now() + pause_without_descriptors);
  }
  return false;
}

}  // namespace sallyport::net
