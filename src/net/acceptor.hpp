// SPDX-License-Identifier: Apache-2.0
// Takes new connections from one listening socket of one worker, at most 16 a turn. When descriptors run out it pauses
// instead of spinning. Belongs to its loop's thread.

#pragma once

#include <functional>

#include "net/fd.hpp"
#include "net/loop.hpp"
#include "syntax/address.hpp"

namespace sallyport::net {

class Acceptor final : private Watcher {
 public:
  // The peer of a Unix socket has no address: [::]:0.
  using OnAccept = std::move_only_function<void(Fd, const syntax::SocketAddress& peer)>;

  Acceptor(Loop& loop, Fd listening, OnAccept on_accept);
  Acceptor(const Acceptor&) = delete;
  Acceptor& operator=(const Acceptor&) = delete;
  // Connections that already wait in the queue are taken first: closing would reset them.
  ~Acceptor();

  // No more are accepted until resume(): they wait in the kernel's queue. For when the connection cap is reached.
  void pause();
  void resume();

 private:
  struct Retry final : Timer {
    explicit Retry(Acceptor& of) : acceptor(of) {}
    void fire() override { acceptor.resume(); }
    Acceptor& acceptor;
  };

  static constexpr int most_a_turn = 16;  // of thousands who come at once, who is served already feels some 0.3 ms
  static constexpr Duration pause_without_descriptors{100};

  void on_events(std::uint32_t events) override;
  bool accept_one();  // false: none waits, or none can be taken now

  Loop& loop_;
  Fd listening_;
  OnAccept on_accept_;
  Retry retry_{*this};
  bool watching_ = false;
};

}  // namespace sallyport::net
