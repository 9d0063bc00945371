// SPDX-License-Identifier: Apache-2.0
// Read and write buffers of one thread, kept for the next user: the last given back is the first taken, so that it is
// still in the cache.

#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <utility>

#include "base/own_lines.hpp"
#include "net/ledger.hpp"

namespace sallyport::net {

class BufferPool;

// A block of bytes, charged to a ledger while it is held. Empty when none could be had.
class Buffer {
 public:
  Buffer() = default;
  Buffer(Buffer&& other) noexcept
      : bytes_(std::move(other.bytes_)),
        size_(std::exchange(other.size_, 0)),
        pool_(other.pool_),
        ledger_(other.ledger_) {}
  Buffer& operator=(Buffer&& other) noexcept {
    if (this != &other) {
      give_back();
      bytes_ = std::move(other.bytes_);
      size_ = std::exchange(other.size_, 0);
      pool_ = other.pool_;
      ledger_ = other.ledger_;
    }
    return *this;
  }
  ~Buffer() { give_back(); }

  char* data() const { return bytes_.get(); }
  std::size_t size() const { return size_; }
  std::span<char> span() const { return {bytes_.get(), size_}; }
  explicit operator bool() const { return size_ != 0; }
  void give_back();

 private:
  friend class BufferPool;
  Buffer(std::unique_ptr<char[]> bytes, std::size_t size, BufferPool& pool, Ledger& ledger)
      : bytes_(std::move(bytes)), size_(size), pool_(&pool), ledger_(&ledger) {}

  std::unique_ptr<char[]> bytes_;
  std::size_t size_ = 0;
  BufferPool* pool_ = nullptr;
  Ledger* ledger_ = nullptr;
};

class BufferPool {
 public:
  // No multiple of a page, nor nearly: then the beginnings of all buffers, which is where heads lie, would be in the
  // same few sets of the caches.
  static constexpr std::size_t apart = 304;
  static constexpr std::size_t tiny = 4 * 1024 + apart;    // where many wait at once, and most have little to hold
  static constexpr std::size_t small = 20 * 1024 + apart;  // a head and 16 KiB of a body: one receive, one send
  static constexpr std::size_t large = 64 * 1024 + apart;  // long bodies: least cost a byte (hot-path.md 3)

  BufferPool() = default;
  BufferPool(const BufferPool&) = delete;
  BufferPool& operator=(const BufferPool&) = delete;

  // The least of them that has room for so much; large, if none has.
  static constexpr std::size_t size_for(std::size_t bytes) {
    return bytes <= tiny ? tiny : bytes <= small ? small : large;
  }

  // `size` is one of these. Empty when the ledger refuses. The ledger must outlive the buffer.
  Buffer take(std::size_t size, Ledger& ledger) {
    if (!ledger.charge(size)) return {};
    in_use_ += size;
    auto& kept = kept_of(size);
    if (kept.empty()) return {std::make_unique_for_overwrite<char[]>(size), size, *this, ledger};
    auto bytes = std::move(kept.back());
    kept.pop_back();
    return {std::move(bytes), size, *this, ledger};
  }

  // Bytes of buffers that somebody has.
  std::size_t in_use() const { return in_use_; }

 private:
  friend class Buffer;
  static constexpr std::size_t most_kept_bytes = 12 * 1024 * 1024;  // of each size

  void put(std::unique_ptr<char[]> bytes, std::size_t size) {
    in_use_ -= size;
    auto& kept = kept_of(size);
    if (kept.size() < most_kept_bytes / size) kept.push_back(std::move(bytes));
  }

  LineVector<std::unique_ptr<char[]>>& kept_of(std::size_t size) {
    return size == small ? small_ : size == large ? large_ : tiny_;
  }

  LineVector<std::unique_ptr<char[]>> tiny_;
  LineVector<std::unique_ptr<char[]>> small_;
  LineVector<std::unique_ptr<char[]>> large_;
  std::size_t in_use_ = 0;
};

inline void Buffer::give_back() {
  if (size_ == 0) return;
  ledger_->release(size_);
  pool_->put(std::move(bytes_), size_);
  size_ = 0;
}

}  // namespace sallyport::net
