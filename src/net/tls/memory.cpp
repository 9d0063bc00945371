// SPDX-License-Identifier: Apache-2.0
#include "net/tls/memory.hpp"

#include <malloc.h>
#include <openssl/crypto.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <new>

namespace sallyport::net::tls {
namespace {

// A connection that is at work takes and gives a buffer for each record or turn, of 16 KiB and what goes around it, and
// for a handshake one of 4/3 of that.
class Kept {
 public:
  constexpr explicit Kept(std::size_t size) : size_(size) {}
  Kept(const Kept&) = delete;
  Kept& operator=(const Kept&) = delete;
  ~Kept() {
    while (first_ != nullptr) std::free(take());
  }

  static constexpr std::size_t least = 16'000;

  bool fits(std::size_t size) const { return size <= size_ && size > least; }
  bool is_of(std::size_t usable) const { return usable >= size_ && usable < size_ + slack; }
  void* take() {
    if (first_ == nullptr) return std::malloc(size_);
    Free* taken = first_;
    first_ = taken->next;
    --count_;
    return taken;
  }
  bool give(void* memory) {
    if (count_ == most_kept) return false;
    first_ = new (memory) Free{first_};
    ++count_;
    return true;
  }

 private:
  struct Free {
    Free* next;
  };

  static constexpr std::size_t slack = 64;  // what malloc() may add
  static constexpr std::size_t most_kept = 64;

  std::size_t size_;
  Free* first_ = nullptr;
  std::size_t count_ = 0;
};

constexpr std::size_t head = 8;              // malloc()'s own
constexpr std::size_t cleared_up_to = 2048;  // keys and what they are made from

thread_local std::int64_t in_use = 0;
bool counted = false;

struct Pool {
  Kept records{17 * 1024};
  Kept messages{22 * 1024};
};

// OpenSSL gives some back when the thread's pool is gone already.
thread_local bool pool_gone = false;
struct PoolHolder {
  Pool pool;
  ~PoolHolder() { pool_gone = true; }
};

Pool* my_pool() {
  if (pool_gone) return nullptr;
  thread_local PoolHolder holder;
  return &holder.pool;
}

void* take(std::size_t size, const char* /*file*/, int /*line*/) {
  if (size == 0) return nullptr;
  void* memory = nullptr;
  Pool* pool = size > Kept::least ? my_pool() : nullptr;
  if (pool != nullptr && pool->records.fits(size)) {
    memory = pool->records.take();
  } else if (pool != nullptr && pool->messages.fits(size)) {
    memory = pool->messages.take();
  } else {
    memory = std::malloc(size);
  }
  if (memory != nullptr) in_use += static_cast<std::int64_t>(::malloc_usable_size(memory) + head);
  return memory;
}

void give(void* memory, const char* /*file*/, int /*line*/) {
  if (memory == nullptr) return;
  const std::size_t size = ::malloc_usable_size(memory);
  in_use -= static_cast<std::int64_t>(size + head);
  if (size <= cleared_up_to) {
    OPENSSL_cleanse(memory, size);
  } else if (Pool* pool = size > Kept::least ? my_pool() : nullptr; pool != nullptr) {
    if (pool->records.is_of(size) && pool->records.give(memory)) return;
    if (pool->messages.is_of(size) && pool->messages.give(memory)) return;
  }
  std::free(memory);
}

void* change(void* memory, std::size_t size, const char* file, int line) {
  if (memory == nullptr) return take(size, file, line);
  if (size == 0) {
    give(memory, file, line);
    return nullptr;
  }
  const std::size_t before = ::malloc_usable_size(memory);
  if (size <= before && size > before / 2) return memory;
  void* other = take(size, file, line);
  if (other == nullptr) return nullptr;
  std::memcpy(other, memory, before < size ? before : size);
  give(memory, file, line);
  return other;
}

}  // namespace

bool count_memory() {
  if (!counted) counted = CRYPTO_set_mem_functions(take, change, give) == 1;
  return counted;
}

std::int64_t memory_in_use() { return in_use; }

char* take_bytes(std::size_t size) {
  void* memory = take(size, nullptr, 0);
  if (memory == nullptr) throw std::bad_alloc();  // as everything else that asks the heap
  return static_cast<char*>(memory);
}

void give_bytes(char* bytes) { give(bytes, nullptr, 0); }

}  // namespace sallyport::net::tls
