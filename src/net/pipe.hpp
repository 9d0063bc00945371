// SPDX-License-Identifier: Apache-2.0
// A pipe through which the kernel takes bytes from one socket to another without copying them (splice(2)): for long
// bodies, of which nobody here wants to see the bytes.
//
// One thread's, kept for the next user as its buffers are. Sockets move the bytes: Socket::read_now, Socket::write.

#pragma once

#include <cstddef>
#include <optional>
#include <utility>

#include "base/own_lines.hpp"
#include "net/fd.hpp"
#include "net/ledger.hpp"

namespace sallyport::net {

class PipePool;

// Charged to a ledger, with all that it may hold, while somebody has it. Empty when none could be had.
class Pipe {
 public:
  static constexpr std::size_t most = 256 * 1024;  // bytes in it

  Pipe() = default;
  Pipe(Pipe&& other) noexcept
      : ends_(std::move(other.ends_)), held_(other.held_), pool_(other.pool_), ledger_(other.ledger_) {}
  Pipe& operator=(Pipe&&) = delete;
  ~Pipe();

  explicit operator bool() const { return static_cast<bool>(ends_.in); }
  std::size_t held() const { return held_; }  // bytes that are in it

 private:
  friend class PipePool;
  friend class Socket;

  struct Ends {
    Fd in;
    Fd out;
  };
  Pipe(Ends ends, PipePool& pool, Ledger& ledger) : ends_(std::move(ends)), pool_(&pool), ledger_(&ledger) {}

  Ends ends_;
  std::size_t held_ = 0;
  PipePool* pool_ = nullptr;
  Ledger* ledger_ = nullptr;
};

class PipePool {
 public:
  PipePool() = default;
  PipePool(const PipePool&) = delete;
  PipePool& operator=(const PipePool&) = delete;

  // Empty when enough are in use, the ledger refuses, or the system does: it counts the pages of each user's pipes, and
  // descriptors. Then copying does it. The ledger must outlive the pipe.
  Pipe take(Ledger& ledger);

 private:
  friend class Pipe;
  // Two descriptors each, which belong to connections; and who reads slowly has one for long.
  static constexpr std::size_t most_in_use = 16;

  static std::optional<Pipe::Ends> make();
  void put(Pipe& pipe);

  LineVector<Pipe::Ends> kept_;
  std::size_t in_use_ = 0;
};

}  // namespace sallyport::net
