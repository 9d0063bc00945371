// SPDX-License-Identifier: Apache-2.0
#include "bench/stream_target.hpp"

#include <openssl/ssl.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <span>
#include <utility>

#include "bench/loopback.hpp"
#include "bench/stream_connection.hpp"

namespace sallyport::bench {
namespace {

// All candidates get the same cipher and group, which all of them know.
SSL_CTX* make_context(bool http2) {
  static constexpr std::array<unsigned char, 3> h2 = {2, 'h', '2'};
  static constexpr std::array<unsigned char, 9> http11 = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  SSL_CTX* context = SSL_CTX_new(TLS_client_method());
  SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION);
  SSL_CTX_set_ciphersuites(context, "TLS_AES_128_GCM_SHA256");
  SSL_CTX_set1_groups_list(context, "X25519");
  const std::span<const unsigned char> protocol = http2 ? std::span<const unsigned char>(h2) : http11;
  SSL_CTX_set_alpn_protos(context, protocol.data(), static_cast<unsigned>(protocol.size()));
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL_STORE);
  SSL_CTX_sess_set_new_cb(context, [](SSL* ssl, SSL_SESSION* session) {
    static_cast<StreamTarget*>(SSL_get_app_data(ssl))->keep_session(session);
    return 1;
  });
  return context;
}

}  // namespace

StreamTarget::StreamTarget(What what) : what_(std::move(what)), epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
  if (what_.tls) context_ = make_context(what_.http2);
}

StreamTarget::~StreamTarget() {
  close();
  SSL_CTX_free(context_);
  ::close(epoll_);
}

void StreamTarget::close() { connections_.clear(); }

// The first one that is given serves all, from its bytes: OpenSSL's clients do not use one session twice (RFC 8446
// C.4).
void StreamTarget::keep_session(SSL_SESSION* session) {
  if (session_.empty()) {
    session_.resize(static_cast<std::size_t>(i2d_SSL_SESSION(session, nullptr)));
    unsigned char* to = session_.data();
    i2d_SSL_SESSION(session, &to);
  }
  SSL_SESSION_free(session);
}

void StreamTarget::turn(const auto& each) {
  std::array<epoll_event, 256> events{};
  const int count = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), -1);
  if (count < 0 && errno != EINTR) give_up("epoll_wait");
  for (int i = 0; i < count; ++i) each(*static_cast<StreamConnection*>(events[static_cast<std::size_t>(i)].data.ptr));
}

std::size_t StreamTarget::ask_until(Clock::time_point end) {
  while (connections_.size() < what_.connections) {
    connections_.push_back(std::make_unique<StreamConnection>(*this, epoll_));
    connections_.back()->shake_hands();
  }
  const auto is_ready = [](const auto& connection) { return connection->is_ready(); };
  while (!std::ranges::all_of(connections_, is_ready)) {
    turn([](StreamConnection& connection) { connection.shake_hands(); });
  }
  std::size_t asked = 0;
  std::size_t answered = 0;
  for (const auto& connection : connections_) {
    for (std::size_t i = 0; i < what_.streams; ++i, ++asked) connection->begin();
    connection->flush();
  }
  while (answered < asked) {
    const bool goes_on = Clock::now() < end;
    turn([&](StreamConnection& connection) {
      const std::size_t whole = connection.receive();
      answered += whole;
      for (std::size_t i = 0; goes_on && i < whole; ++i, ++asked) connection.begin();
      connection.flush();
    });
  }
  return answered;
}

std::size_t StreamTarget::shake_hands_until(Clock::time_point end, bool resumed) {
  close();
  struct Shaking {
    std::unique_ptr<StreamConnection> connection;
    bool finished = false;
  };
  std::vector<Shaking> all(what_.connections);
  std::size_t count = 0;
  std::size_t open = 0;
  bool is_first = resumed && session_.empty();
  // Behind its handshake it ends at once, but for one that needs the other side's ticket.
  const auto go_on = [&](Shaking& one) {
    StreamConnection& connection = *one.connection;
    connection.shake_hands();
    if (one.finished || !connection.is_ready()) return;
    if (is_first && session_.empty()) {
      if (connection.over()) give_up("no session was given");  // its ticket is still to come
      if (session_.empty()) return;
    }
    if (resumed && !is_first && !connection.was_resumed()) give_up("not resumed");
    connection.finish();
    one.finished = true;
  };
  const auto begin = [&](Shaking& one) {
    one = {
        std::make_unique<StreamConnection>(*this, epoll_, resumed ? std::span(session_) : std::span<unsigned char>()),
        false};
    ++open;
    go_on(one);  // the other side may have nothing to say behind its own
  };
  // The first one alone: what it is given is what the others go on with.
  const auto run = [&](std::span<Shaking> some, auto goes_on) {
    for (Shaking& one : some) begin(one);
    while (open > 0) {
      turn([&](StreamConnection& connection) {
        const auto at = std::ranges::find(some, &connection, [](const Shaking& one) { return one.connection.get(); });
        go_on(*at);
        if (!at->finished || !connection.over()) return;
        ++count;
        --open;
        at->connection.reset();
        if (goes_on()) begin(*at);
      });
    }
  };
  if (is_first) {
    run(std::span(all).first(1), [] { return false; });
    count = 0;
    is_first = false;
  }
  run(all, [&] { return Clock::now() < end; });
  return count;
}

}  // namespace sallyport::bench
