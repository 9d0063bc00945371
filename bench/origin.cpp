// SPDX-License-Identifier: Apache-2.0
// origin PORT (on 127.0.0.1): what stands behind the programs that are measured. It costs as little as it can, so that
// they and not it are the bottleneck: one thread, answers of prepared bytes.
//
//   /          100 bytes
//   /NUMBER    so many bytes
//   /managed   which of the fields that gateways set came, as name=value lines
//
// A request's body is read whole, and then thrown away, before it is answered. Heads must come in one piece and one at
// a time, as gateways send them on kept connections.

#include <algorithm>
#include <array>
#include <cerrno>
#include <string>
#include <string_view>
#include <vector>

#include "base/number.hpp"
#include "base/text.hpp"
#include "bench/loopback.hpp"
#include "bench/message_head.hpp"

namespace {

using namespace sallyport;
using namespace sallyport::bench;

constexpr std::size_t answer_size = 100;
constexpr std::size_t piece = 256 * 1024;
constexpr std::array managed = {"X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Forwarded-Port",
                                "X-Request-Id"};

struct Connection {
  int fd;
  std::string path = {};
  bool close_after = false;
  std::uint64_t body_left = 0;    // of the request
  std::string head = {};          // of the answer, and its body if that is no filler: what is not sent yet
  std::uint64_t filler_left = 0;  // bytes of the answer's body
  bool stuck = false;             // waits until it can send
};

std::string answer_head(std::uint64_t length, bool close) {
  return text::cat("HTTP/1.1 200 OK\r\nServer: origin\r\nDate: Fri, 27 Nov 2026 12:00:00 GMT\r\n",
                   "Content-Type: text/plain\r\nContent-Length: ", length,
                   "\r\nConnection: ", close ? "close" : "keep-alive", "\r\n\r\n");
}

std::string small_answer(bool close) {
  return answer_head(answer_size, close) + std::string(answer_size - 1, 'x') + "\n";
}

class Origin {
 public:
  explicit Origin(std::uint16_t port) : listener_{listen_on(port)} {
    watch(epoll_, listener_.fd, &listener_, EPOLL_CTL_ADD, EPOLLIN);
  }

  [[noreturn]] void run() {
    std::array<epoll_event, 256> events{};
    while (true) {
      const int count = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), -1);
      for (int i = 0; i < count; ++i) {
        auto& connection = *static_cast<Connection*>(events[static_cast<std::size_t>(i)].data.ptr);
        if (&connection == &listener_) {
          accept();
        } else if (!(connection.stuck ? send_answer(connection) : receive(connection))) {
          ::close(connection.fd);
          delete &connection;  // one descriptor has one event a turn
        }
      }
    }
  }

 private:
  void accept() {
    while (true) {
      const int fd = ::accept4(listener_.fd, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
      if (fd < 0) return;
      no_delay(fd);
      watch(epoll_, fd, new Connection{.fd = fd}, EPOLL_CTL_ADD, EPOLLIN);
    }
  }

  // False when the connection is over; so do the others.
  bool receive(Connection& connection) {
    if (connection.body_left > 0) return receive_body(connection);
    const ssize_t size = ::recv(connection.fd, buffer_.data(), buffer_.size(), 0);
    if (size <= 0) return size < 0 && errno == EAGAIN;
    const std::string_view bytes(buffer_.data(), static_cast<std::size_t>(size));
    const auto head_end = head_size(bytes);
    if (!head_end) return false;
    const std::string_view head = bytes.substr(0, *head_end);
    const auto path_begin = head.find(' ') + 1;
    connection.path = head.substr(path_begin, head.find(' ', path_begin) - path_begin);
    connection.close_after = field(head, "connection") == "close";
    const std::uint64_t length = content_length(head);
    connection.body_left = length - std::min<std::uint64_t>(length, bytes.size() - *head_end);
    if (connection.path == "/managed") tell(connection, head);
    return connection.body_left > 0 ? true : answer(connection);
  }

  bool receive_body(Connection& connection) {
    const std::size_t wanted = std::min<std::uint64_t>(connection.body_left, 4 * piece);
    const ssize_t size = ::recv(connection.fd, nullptr, wanted, MSG_TRUNC);  // the kernel drops the bytes
    if (size <= 0) return size < 0 && errno == EAGAIN;
    connection.body_left -= static_cast<std::uint64_t>(size);
    return connection.body_left > 0 ? true : answer(connection);
  }

  static void tell(Connection& connection, std::string_view head) {
    std::string body;
    for (const char* name : managed) body += text::cat(name, "=", field(head, name), "\n");
    connection.head = answer_head(body.size(), connection.close_after) + body;
  }

  bool answer(Connection& connection) {
    const auto size = parse_decimal<std::uint64_t>(std::string_view(connection.path).substr(1));
    if (connection.path != "/managed") {
      const std::string& small = connection.close_after ? small_last_ : small_;
      connection.head = size ? answer_head(*size, connection.close_after) : small;
      connection.filler_left = size.value_or(0);
    }
    return send_answer(connection);
  }

  bool send_answer(Connection& connection) {
    while (!connection.head.empty() || connection.filler_left > 0) {
      const bool is_head = !connection.head.empty();
      const std::size_t size =
          is_head ? connection.head.size() : std::min<std::uint64_t>(connection.filler_left, filler_.size());
      const int more = is_head && connection.filler_left > 0 ? MSG_MORE : 0;
      const ssize_t sent =
          ::send(connection.fd, is_head ? connection.head.data() : filler_.data(), size, MSG_NOSIGNAL | more);
      if (sent < 0 && errno != EAGAIN) return false;
      if (sent < 0) return wait_for_room(connection, true);
      if (is_head) {
        connection.head.erase(0, static_cast<std::size_t>(sent));
      } else {
        connection.filler_left -= static_cast<std::uint64_t>(sent);
      }
    }
    return wait_for_room(connection, false) && !connection.close_after;
  }

  bool wait_for_room(Connection& connection, bool stuck) {
    if (connection.stuck != stuck) {
      connection.stuck = stuck;
      watch(epoll_, connection.fd, &connection, EPOLL_CTL_MOD, stuck ? EPOLLOUT : EPOLLIN);
    }
    return true;
  }

  int epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
  Connection listener_;
  std::string buffer_ = std::string(piece, '\0');
  std::string filler_ = std::string(piece, 'x');
  std::string small_ = small_answer(false);
  std::string small_last_ = small_answer(true);
};

}  // namespace

int main(int argc, char** argv) {
  const auto port = argc == 2 ? parse_decimal<std::uint16_t>(argv[1]) : std::nullopt;
  if (port) Origin(*port).run();
  std::fputs("usage: origin PORT\n", stderr);
  return 2;
}
