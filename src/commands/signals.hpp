// SPDX-License-Identifier: Apache-2.0
// Signals as events of a loop. Must exist before other threads are started, which then have them blocked too.

#pragma once

#include <functional>
#include <initializer_list>

#include "net/fd.hpp"
#include "net/loop.hpp"

namespace sallyport::commands {

class Signals final : private net::Watcher {
 public:
  Signals(net::Loop& loop, std::initializer_list<int> signals, std::move_only_function<void(int)> on_signal);
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;
  ~Signals();

 private:
  void on_events(std::uint32_t events) override;

  net::Loop& loop_;
  std::move_only_function<void(int)> on_signal_;
  net::Fd fd_;
};

}  // namespace sallyport::commands
