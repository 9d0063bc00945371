// SPDX-License-Identifier: Apache-2.0
// What nghttp2 allocates for one session, charged to its connection's ledger: a peer that makes it hold more than that
// allows ends its own connection (reference: reliability-security.md law 4, H2-9).
//
// A session's largest block by far is the one that frames are packed in. It holds something only while Session::write()
// runs, so the sessions of a thread have one together: an idle connection is half as large.

#pragma once

#include <nghttp2/nghttp2.h>

#include <cstddef>

#include "net/ledger.hpp"

namespace sallyport::http::h2 {

class SessionMemory {
 public:
  explicit SessionMemory(net::Ledger& ledger);
  SessionMemory(const SessionMemory&) = delete;
  SessionMemory& operator=(const SessionMemory&) = delete;

  // For nghttp2, which copies it; this must outlive what was allocated by it.
  nghttp2_mem* functions() { return &functions_; }
  // For what is kept of a session that has gone.
  [[nodiscard]] bool charge(std::size_t bytes) { return ledger_.charge(bytes); }
  void release(std::size_t bytes) { ledger_.release(bytes); }
  // A session is made now, after the one before, if there was one, has gone.
  void making() { lends_ = true; }
  // The session is made: what it asks for from now on is its own.
  void made() { lends_ = false; }

 private:
  static void* allocate(std::size_t size, void* self);
  static void* allocate_zeroed(std::size_t count, std::size_t size, void* self);
  static void* reallocate(void* block, std::size_t size, void* self);
  static void give(void* block, void* self);

  net::Ledger& ledger_;
  bool lends_ = false;  // the block that all of a thread have together
  // That block: a session may end on another thread than it began on, which has one of its own.
  const void* lent_ = nullptr;
  nghttp2_mem functions_;
};

}  // namespace sallyport::http::h2
