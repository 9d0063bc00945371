// SPDX-License-Identifier: Apache-2.0
// How many of a kind the process has, and may have: connections of clients, connections to endpoints. Counted by all
// threads, at the beginning and the end of each; never by a request on a connection that is there.

#pragma once

#include <atomic>
#include <cstddef>
#include <utility>

#include "base/own_lines.hpp"

namespace sallyport::net {

class Quota {
 public:
  explicit Quota(std::size_t cap) : cap_(cap) {}
  Quota(const Quota&) = delete;
  Quota& operator=(const Quota&) = delete;

  // One of them, as long as it lives; without a quota it is one of nothing.
  class Share {
   public:
    explicit Share(Quota* quota) : quota_(quota) {
      if (quota_ != nullptr) quota_->add();
    }
    Share(const Share&) = delete;
    Share& operator=(const Share&) = delete;
    ~Share() { give_back(); }

    // Before its time.
    void give_back() {
      if (quota_ != nullptr) std::exchange(quota_, nullptr)->remove();
    }
    bool is_scarce() const { return quota_ != nullptr && quota_->is_scarce(); }

   private:
    Quota* quota_;
  };

  void add() { used_.fetch_add(1, std::memory_order_relaxed); }
  void remove() { used_.fetch_sub(1, std::memory_order_relaxed); }

  bool is_full() const { return used() >= cap_; }
  // More than three quarters are in use.
  bool is_scarce() const { return used() * 4 > cap_ * 3; }
  std::size_t used() const { return used_.load(std::memory_order_relaxed); }
  std::size_t cap() const { return cap_; }

 private:
  std::size_t cap_;
  alignas(line_size) std::atomic<std::size_t> used_ = 0;
};

}  // namespace sallyport::net
