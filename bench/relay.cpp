// SPDX-License-Identifier: Apache-2.0
// relay LISTEN_PORT UPSTREAM_PORT (both on 127.0.0.1): the floor of the measurements, or what it costs to pass a
// request and its answer on when nothing is done with them. One thread, level-triggered epoll, and for each client's
// connection one kept connection to the upstream: what one recv gives, one send passes on. It knows nothing of HTTP. A
// message that fits the buffer and arrives in one piece, as on loopback it does, costs one recv and one send; a larger
// one goes in pieces. It keeps no deadline, caps nothing and is for nothing but measuring.

#include <array>
#include <cerrno>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/number.hpp"
#include "bench/loopback.hpp"

namespace {

using namespace sallyport::bench;

// One socket of a pair. `rest` is what came from the other one and did not fit in yet: until it is gone the other is
// not read.
struct End {
  int fd = -1;
  End* other = nullptr;
  std::string rest = {};
  bool closed = false;
};

class Relay {
 public:
  Relay(std::uint16_t listen_port, std::uint16_t upstream_port)
      : upstream_port_(upstream_port), listener_{.fd = listen_on(listen_port)} {
    watch(listener_, EPOLL_CTL_ADD, EPOLLIN);
  }

  [[noreturn]] void run() {
    std::array<epoll_event, 256> events{};
    while (true) {
      const int count = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), -1);
      for (int i = 0; i < count; ++i) {
        const epoll_event& event = events[static_cast<std::size_t>(i)];
        End& end = *static_cast<End*>(event.data.ptr);
        if (&end == &listener_) {
          accept();
        } else if (!end.closed) {
          end.rest.empty() ? pass_on(end) : pass_rest(end);
        }
      }
      for (const End* end : closed_) delete end;  // only now: an event of this turn may have named it
      closed_.clear();
    }
  }

 private:
  void watch(End& end, int operation, std::uint32_t events) {
    sallyport::bench::watch(epoll_, end.fd, &end, operation, events);
  }

  void accept() {
    const int client = ::accept4(listener_.fd, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (client < 0) return;
    const int upstream = connect_to(upstream_port_);
    End* const near = new End{.fd = client};
    End* const far = new End{.fd = upstream, .other = near};
    near->other = far;
    no_delay(client);
    for (End* const end : {near, far}) watch(*end, EPOLL_CTL_ADD, EPOLLIN);
  }

  void pass_on(End& from) {
    const ssize_t size = ::recv(from.fd, buffer_.data(), buffer_.size(), MSG_DONTWAIT);
    if (size < 0 && errno == EAGAIN) return;
    if (size <= 0) return close_pair(from);
    send(*from.other, {buffer_.data(), static_cast<std::size_t>(size)});
  }

  void pass_rest(End& to) {
    const std::string rest = std::exchange(to.rest, {});
    send(to, rest);
    if (to.closed || !to.rest.empty()) return;
    watch(to, EPOLL_CTL_MOD, EPOLLIN);
    watch(*to.other, EPOLL_CTL_MOD, EPOLLIN);
  }

  void send(End& to, std::string_view bytes) {
    const ssize_t sent = ::send(to.fd, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && errno != EAGAIN) return close_pair(to);
    const std::size_t gone = sent < 0 ? 0 : static_cast<std::size_t>(sent);
    if (gone == bytes.size()) return;
    to.rest = bytes.substr(gone);
    watch(to, EPOLL_CTL_MOD, EPOLLOUT);
    watch(*to.other, EPOLL_CTL_MOD, 0);
  }

  void close_pair(End& end) {
    for (End* const one : {&end, end.other}) {
      ::close(one->fd);
      one->closed = true;
      closed_.push_back(one);
    }
  }

  int epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
  std::uint16_t upstream_port_;
  End listener_;
  std::vector<End*> closed_;
  std::array<char, 64 * 1024> buffer_;
};

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.size() == 2) {
    const auto listen_port = sallyport::parse_decimal<std::uint16_t>(arguments[0]);
    const auto upstream_port = sallyport::parse_decimal<std::uint16_t>(arguments[1]);
    if (listen_port && upstream_port) Relay(*listen_port, *upstream_port).run();
  }
  std::fputs("usage: relay LISTEN_PORT UPSTREAM_PORT\n", stderr);
  return 2;
}
