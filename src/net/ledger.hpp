// SPDX-License-Identifier: Apache-2.0
// Who holds how many bytes: each connection has a ledger with a cap, charges its worker's with it, and that takes its
// part of the process's in strides (reference: reliability-security.md, law 4). A ledger belongs to one thread; the
// budget of the process to all.

#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>

#include "base/arena.hpp"
#include "base/own_lines.hpp"

namespace sallyport::net {

// The bytes of the process. Workers take and give back many at a time, so that requests do not meet here.
class ByteBudget {
 public:
  // `sharers` are the ledgers that take from it: what each may have taken and not yet charged is a stride or two, a
  // small part of the whole for all of them together, however small that is.
  ByteBudget(std::size_t cap, std::size_t sharers)
      : cap_(cap), stride_(std::clamp<std::size_t>(cap / (64 * sharers), 1, most_stride)) {}
  ByteBudget(const ByteBudget&) = delete;
  ByteBudget& operator=(const ByteBudget&) = delete;

  // What does not fit stands in nobody's way, not even for a moment.
  [[nodiscard]] bool take(std::size_t bytes) {
    std::size_t taken = this->taken();
    while (bytes <= cap_ - taken) {
      if (taken_.compare_exchange_weak(taken, taken + bytes, std::memory_order_relaxed)) return true;
    }
    return false;
  }
  void give(std::size_t bytes) { taken_.fetch_sub(bytes, std::memory_order_relaxed); }

  std::size_t taken() const { return taken_.load(std::memory_order_relaxed); }
  std::size_t cap() const { return cap_; }
  std::size_t stride() const { return stride_; }

 private:
  static constexpr std::size_t most_stride = 1024 * 1024;

  std::size_t cap_;
  std::size_t stride_;
  alignas(line_size) std::atomic<std::size_t> taken_ = 0;
};

class Ledger final : public ArenaAccount {
 public:
  explicit Ledger(std::size_t cap, Ledger* parent = nullptr) : allowed_(cap), parent_(parent) {}
  // Of a worker: its cap is what the process has left.
  explicit Ledger(ByteBudget& budget) : allowed_(0), budget_(&budget) {}
  Ledger(const Ledger&) = delete;
  Ledger& operator=(const Ledger&) = delete;
  // What was charged for as long as its owner lives goes with it.
  ~Ledger() {
    if (parent_ != nullptr) parent_->release(held_);
    if (budget_ != nullptr) budget_->give(allowed_);
  }

  // False, and nothing is charged, when this or a parent would go over its cap.
  [[nodiscard]] bool charge(std::size_t bytes) override {
    if (bytes > allowed_ - held_ && !take_more(bytes)) return false;
    if (parent_ != nullptr && !parent_->charge(bytes)) return false;
    held_ += bytes;
    return true;
  }
  void release(std::size_t bytes) override {
    held_ -= bytes;
    if (parent_ != nullptr) return parent_->release(bytes);
    if (budget_ != nullptr && allowed_ - held_ >= 2 * budget_->stride()) give_back();
  }

  std::size_t held() const { return held_; }

 private:
  bool take_more(std::size_t bytes) {
    if (budget_ == nullptr) return false;
    const std::size_t lacking = bytes - (allowed_ - held_);
    if (lacking > budget_->cap()) return false;
    const std::size_t strides = (lacking + budget_->stride() - 1) / budget_->stride() * budget_->stride();
    // The last stride of the process may be a short one.
    const std::size_t most = budget_->take(strides) ? strides : budget_->take(lacking) ? lacking : 0;
    allowed_ += most;
    return most != 0;
  }
  // All but a stride, and no sooner than two are unused: whoever goes up and down by little stays away from the budget.
  void give_back() {
    const std::size_t unused = (allowed_ - held_) / budget_->stride() * budget_->stride() - budget_->stride();
    budget_->give(unused);
    allowed_ -= unused;
  }

  std::size_t held_ = 0;
  std::size_t allowed_;
  Ledger* parent_ = nullptr;
  ByteBudget* budget_ = nullptr;
};

}  // namespace sallyport::net
