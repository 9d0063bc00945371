// SPDX-License-Identifier: Apache-2.0
// What nghttp2 allocates for one session, charged to its connection's ledger: a peer that makes it hold more than that
// allows ends its own connection (reference: reliability-security.md law 4, H2-9).

#pragma once

#include <nghttp2/nghttp2.h>

#include "net/ledger.hpp"

namespace sallyport::http::h2 {

class SessionMemory {
 public:
  explicit SessionMemory(net::Ledger& ledger);
  SessionMemory(const SessionMemory&) = delete;
  SessionMemory& operator=(const SessionMemory&) = delete;

  // For nghttp2, which copies it; this must outlive what was allocated by it.
  nghttp2_mem* functions() { return &functions_; }

 private:
  nghttp2_mem functions_;
};

}  // namespace sallyport::http::h2
