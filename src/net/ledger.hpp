// SPDX-License-Identifier: Apache-2.0
// Who holds how many bytes: each connection has a ledger with a cap, and charges the worker's with it
// (reference: reliability-security.md, law 4). Belongs to one thread.

#pragma once

#include <cstddef>

namespace sallyport::net {

class Ledger {
 public:
  explicit Ledger(std::size_t cap, Ledger* parent = nullptr) : cap_(cap), parent_(parent) {}
  Ledger(const Ledger&) = delete;
  Ledger& operator=(const Ledger&) = delete;

  // False, and nothing is charged, when this or a parent would go over its cap.
  [[nodiscard]] bool charge(std::size_t bytes) {
    if (bytes > cap_ - held_ || (parent_ != nullptr && !parent_->charge(bytes))) return false;
    held_ += bytes;
    return true;
  }
  void release(std::size_t bytes) {
    held_ -= bytes;
    if (parent_ != nullptr) parent_->release(bytes);
  }

  std::size_t held() const { return held_; }

 private:
  std::size_t held_ = 0;
  std::size_t cap_;
  Ledger* parent_;
};

}  // namespace sallyport::net
