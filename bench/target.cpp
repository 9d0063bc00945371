// SPDX-License-Identifier: Apache-2.0
#include "bench/target.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "bench/loopback.hpp"
#include "bench/message_head.hpp"

namespace sallyport::bench {
namespace {

constexpr std::size_t piece = 256 * 1024;

}  // namespace

Target::Target(std::uint16_t port, std::size_t connections, std::string request)
    : port_(port), request_(std::move(request)), epoll_(::epoll_create1(EPOLL_CLOEXEC)), buffer_(piece, '\0') {
  for (std::size_t i = 0; i < connections; ++i) exchanges_.push_back(std::make_unique<Exchange>());
}

Target::~Target() {
  close();
  ::close(epoll_);
}

void Target::close() {
  for (const auto& exchange : exchanges_) {
    if (exchange->fd >= 0) disconnect(*exchange);
  }
}

void Target::connect(Exchange& exchange) {
  exchange.fd = connect_to(port_);
  watch(epoll_, exchange.fd, &exchange, EPOLL_CTL_ADD, EPOLLIN);
}

void Target::disconnect(Exchange& exchange) { ::close(std::exchange(exchange.fd, -1)); }

void Target::begin(Exchange& exchange) {
  exchange.sent = 0;
  exchange.whole = false;
  send_rest(exchange);
}

void Target::send_rest(Exchange& exchange) {
  const bool was_stuck = exchange.sent > 0;
  const ssize_t sent = ::send(exchange.fd, request_.data() + exchange.sent, request_.size() - exchange.sent,
                              MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent < 0 && errno != EAGAIN) give_up_on(exchange, "the request was not taken");
  exchange.sent += static_cast<std::size_t>(std::max<ssize_t>(sent, 0));
  const bool is_stuck = exchange.sent < request_.size();
  if (was_stuck || is_stuck) {
    watch(epoll_, exchange.fd, &exchange, EPOLL_CTL_MOD, is_stuck ? EPOLLIN | EPOLLOUT : EPOLLIN);
  }
}

void Target::turn(std::chrono::nanoseconds wait, bool fresh, const std::function<void(Exchange&)>& done) {
  std::array<epoll_event, 256> events{};
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(wait);
  const timespec limit{.tv_sec = seconds.count(), .tv_nsec = (wait - seconds).count()};
  const int count = ::epoll_pwait2(epoll_, events.data(), static_cast<int>(events.size()),
                                   wait.count() < 0 ? nullptr : &limit, nullptr);
  if (count < 0 && errno != EINTR) bench::give_up("epoll_pwait2");
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events[static_cast<std::size_t>(i)];
    auto& exchange = *static_cast<Exchange*>(event.data.ptr);
    if ((event.events & EPOLLOUT) != 0) send_rest(exchange);
    if ((event.events & ~EPOLLOUT) != 0 && receive(exchange, fresh)) done(exchange);
  }
}

bool Target::receive(Exchange& exchange, bool fresh) {
  const ssize_t size = ::recv(exchange.fd, buffer_.data(), buffer_.size(), MSG_DONTWAIT);
  if (size < 0 && errno == EAGAIN) return false;
  if (size < 0) give_up_on(exchange, "the connection broke");
  if (size == 0) {
    if (fresh && exchange.whole) return true;
    give_up_on(exchange, "the connection ended before its time");
  }
  exchange.whole = take(exchange, {buffer_.data(), static_cast<std::size_t>(size)});
  return exchange.whole && !fresh;
}

// Whether the answer is whole now.
bool Target::take(Exchange& exchange, std::string_view bytes) {
  if (exchange.whole) give_up_on(exchange, "bytes after an answer");
  if (exchange.left == 0) {
    if (!exchange.part.empty()) {
      exchange.part += bytes;
      bytes = exchange.part;
    }
    const auto head_end = head_size(bytes);
    if (!head_end) {
      if (exchange.part.empty()) exchange.part = bytes;
      return false;
    }
    if (!bytes.starts_with("HTTP/1.1 2")) give_up_on(exchange, bytes);
    exchange.left = content_length(bytes.substr(0, *head_end));
    bytes.remove_prefix(*head_end);
  }
  if (bytes.size() > exchange.left) give_up_on(exchange, "an answer longer than it says");
  exchange.left -= bytes.size();
  exchange.part.clear();
  return exchange.left == 0;
}

void Target::give_up_on(const Exchange& exchange, std::string_view what) const {
  std::fprintf(stderr, "port %u, %zu of %zu bytes sent, %llu missing: %.*s\n", port_, exchange.sent, request_.size(),
               static_cast<unsigned long long>(exchange.left),
               static_cast<int>(std::min<std::size_t>(what.size(), 300)), what.data());
  std::exit(1);
}

}  // namespace sallyport::bench
