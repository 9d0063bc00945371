// SPDX-License-Identifier: Apache-2.0
// Memory of one request: bump allocation from blocks that the arena keeps for the next request.
//
// Belongs to one thread. What it gave lives until clear(); destructors are not run by the arena (see ArenaPtr).
// Bounded: past `limit` bytes, or when its account refuses, allocate() gives null, so that one request cannot take the
// process's memory.

#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <new>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace sallyport {

// Runs the destructor only: the memory is the arena's.
struct DestroyOnly {
  template <class T>
  void operator()(T* object) const {
    std::destroy_at(object);
  }
};

template <class T>
using ArenaPtr = std::unique_ptr<T, DestroyOnly>;

// Who pays for blocks. The first is not charged: whoever has an arena pays for it with the arena.
class ArenaAccount {
 public:
  [[nodiscard]] virtual bool charge(std::size_t bytes) = 0;
  virtual void release(std::size_t bytes) = 0;

 protected:
  ~ArenaAccount() = default;
};

class Arena {
 public:
  // No multiple of a page, nor nearly: the blocks of many requests would lie in the same few sets of the caches.
  static constexpr std::size_t block_size = 8 * 1024 + 304;
  static constexpr std::size_t kept_blocks = 4;

  explicit Arena(std::size_t limit = 256 * 1024) : limit_(limit) {}
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  // `align` is a power of two, at most alignof(std::max_align_t). Null past the limit.
  void* allocate(std::size_t size, std::size_t align) {
    const std::size_t start = (at_ + align - 1) & ~(align - 1);
    if (start + size <= end_) {
      at_ = start + size;
      return block_ + start;
    }
    return allocate_from_next_block(size);
  }

  template <class T, class... Arguments>
  T* make(Arguments&&... arguments) {
    void* memory = allocate(sizeof(T), alignof(T));
    return memory == nullptr ? nullptr : new (memory) T(std::forward<Arguments>(arguments)...);
  }

  // Uninitialised; empty past the limit.
  std::span<char> text(std::size_t size) {
    auto* memory = static_cast<char*>(allocate(size, 1));
    return memory == nullptr ? std::span<char>() : std::span<char>(memory, size);
  }

  // Empty past the limit.
  std::string_view copy(std::string_view from) {
    if (from.empty()) return {};
    const auto to = text(from.size());
    if (to.empty()) return {};
    std::memcpy(to.data(), from.data(), from.size());
    return {to.data(), to.size()};
  }

  std::size_t used() const { return earlier_ + at_; }

  // Null: nobody. Must outlive what is charged to it, which is until clear(). REQUIRES: nothing is.
  void set_account(ArenaAccount* account) { account_ = account; }

  // All that it gave is gone.
  void clear() {
    if (charged_ != 0) settle();
    current_ = at_ = earlier_ = 0;
    use_current();
  }

 private:
  struct Block {
    std::unique_ptr<std::byte[]> bytes;
    std::size_t size;
  };

  // What is kept is few and of the usual size.
  void settle() {
    std::erase_if(blocks_, [](const Block& block) { return block.size > block_size; });
    if (blocks_.size() > kept_blocks) blocks_.resize(kept_blocks);
    if (account_ != nullptr) account_->release(charged_);
    charged_ = 0;
  }

  void* allocate_from_next_block(std::size_t size) {
    if (used() + size > limit_) return nullptr;
    const std::size_t wanted = size > block_size ? size : block_size;
    if (used() != 0 || wanted > block_size) {
      if (account_ != nullptr && !account_->charge(wanted)) return nullptr;
      charged_ += wanted;
    }
    if (current_ < blocks_.size()) {
      earlier_ += at_;
      ++current_;
    }
    while (current_ < blocks_.size() && blocks_[current_].size < size) ++current_;
    if (current_ >= blocks_.size()) {
      blocks_.push_back({std::make_unique_for_overwrite<std::byte[]>(wanted), wanted});
      current_ = blocks_.size() - 1;
    }
    use_current();
    at_ = size;
    return block_;
  }

  void use_current() {
    const bool is_one = current_ < blocks_.size();
    block_ = is_one ? blocks_[current_].bytes.get() : nullptr;
    end_ = is_one ? blocks_[current_].size : 0;
  }

  std::byte* block_ = nullptr;  // the one in use
  std::size_t at_ = 0;          // first free byte in it
  std::size_t end_ = 0;         // its size
  std::vector<Block> blocks_;
  std::size_t current_ = 0;  // its index
  std::size_t earlier_ = 0;  // bytes used in blocks before it
  std::size_t limit_;
  std::size_t charged_ = 0;
  ArenaAccount* account_ = nullptr;
};

}  // namespace sallyport
