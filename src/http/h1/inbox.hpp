// SPDX-License-Identifier: Apache-2.0
// What a connection received and nobody has used yet. Heads stay in a buffer of their own until settle(), because the
// model's texts are views of it; a long body streams through a second one.
//
// Holds no buffer while nothing is unread and no exchange runs.

#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "net/buffer_pool.hpp"
#include "net/ledger.hpp"

namespace sallyport::http::h1 {

class Inbox {
 public:
  Inbox(net::BufferPool& pool, net::Ledger& ledger) : pool_(pool), ledger_(ledger) {}
  Inbox(const Inbox&) = delete;
  Inbox& operator=(const Inbox&) = delete;

  std::string_view unread() const { return {at_ + begin_, end_ - begin_}; }
  void use(std::size_t bytes) { begin_ += bytes; }

  // Room to receive more of a head behind the unread bytes; empty when no buffer can be had, or the head is larger
  // than any buffer. Moves what is unread: no view of it may be kept over the call.
  std::span<char> room_for_head();
  // Room to receive more of a body, of which so much is wanted at once. REQUIRES: nothing is unread.
  std::span<char> room_for_body(std::size_t most = net::BufferPool::large);
  // The next head begins in a buffer of this size: most are short, and where many wait at once that counts.
  void begin_with(std::size_t size) { first_size_ = size; }
  // So many bytes were received into the room.
  void received(std::size_t bytes) { end_ += bytes; }

  // The exchange is over and no view of its head is left: makes the unread bytes the start of the next head.
  void settle();

 private:
  bool grow();

  net::BufferPool& pool_;
  net::Ledger& ledger_;
  net::Buffer head_;
  net::Buffer body_;
  std::size_t first_size_ = net::BufferPool::small;
  char* at_ = nullptr;  // data of the buffer that holds the unread bytes
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace sallyport::http::h1
