// SPDX-License-Identifier: Apache-2.0
// What a Socket does otherwise when there is TLS in it.

#include <sys/socket.h>

#include <cerrno>

#include "net/released.hpp"
#include "net/socket.hpp"
#include "net/system_calls.hpp"
#include "net/tls/stream.hpp"

namespace sallyport::net {

void Socket::start_tls(std::unique_ptr<tls::Stream> stream) {
  tls_ = std::move(stream);
  fresh_ = true;
  loop_.defer(turn_end_);
}

const tls::Facts* Socket::tls() const { return tls_ == nullptr ? nullptr : &tls_->facts(); }

bool Socket::truncated() const { return tls_ != nullptr && tls_->truncated(); }

bool Socket::alerted() const { return tls_ != nullptr && tls_->alerted(); }

Socket::Released Socket::release() {
  if (registered_) loop_.remove(fd_.get(), *this);
  registered_ = false;
  fresh_ = false;
  TimerWheel::disarm(timer_);
  Released released;
  released.fd = std::move(fd_);
  released.stream = std::move(tls_);
  return released;
}

bool Socket::holds_input() const { return tls_->holds_input(); }

// More ciphertext, for so much plaintext. False: there is none now.
bool Socket::receive(std::size_t plain) {
  constexpr std::size_t around = 1024;  // of TLS, and nearly always more than that
  if (!readable_) return false;
  std::span<char> room = tls_->room();
  if (plain + around < room.size()) room = room.first(plain + around);
  const ssize_t got = system::receive(fd_.get(), room);
  if (got < 0 && errno == EAGAIN) {
    readable_ = false;
    return false;
  }
  const bool more = got > 0 && (static_cast<std::size_t>(got) == room.size() || hung_up_);
  readable_ = more;
  if (got > 0) {
    tls_->received(static_cast<std::size_t>(got));
  } else if (got == 0) {
    tls_->received_end();
  } else {
    tls_->received_reset();
  }
  return true;
}

std::optional<IoResult<std::size_t>> Socket::decrypt(std::span<char> buffer) {
  std::optional<IoResult<std::size_t>> got;
  do {
    if (tls_->holds_input()) got = tls_->read(buffer);
  } while (!got && receive(buffer.size()));
  if (tls_->has_output()) flush_tls();
  return got;
}

// Whether a read would not wait: reads what is of TLS alone.
bool Socket::look() {
  constexpr std::size_t one_record = 16 * 1024;
  bool found = false;
  do {
    found = tls_->holds_input() && tls_->peek();
  } while (!found && receive(one_record));
  if (tls_->has_output()) flush_tls();
  return found;
}

// What is kept of TLS's own, and of bytes whose sender is asked again.
void Socket::flush_tls() {
  tls_->flush(fd_.get());
  if (shuts_ && !tls_->has_output()) {
    shuts_ = false;
    ::shutdown(fd_.get(), SHUT_WR);
  }
}

}  // namespace sallyport::net
