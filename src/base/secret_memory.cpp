// SPDX-License-Identifier: Apache-2.0
#include "base/secret_memory.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cstring>
#include <mutex>
#include <new>
#include <utility>

namespace sallyport {
namespace {

std::atomic<bool> all_locked = true;

char* map_pages(std::size_t size, bool locks) {
  void* const pages = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (pages == MAP_FAILED) throw std::bad_alloc();  // as everything else that asks the heap
  ::madvise(pages, size, MADV_DONTDUMP);
  if (locks && ::mlock(pages, size) != 0) all_locked = false;
  return static_cast<char*>(pages);
}

// Blocks of powers of two, cut from spans.
class Blocks {
 public:
  char* take(std::size_t size) {
    const std::lock_guard guard(mutex_);
    Free*& first = free_.at(class_of(size));
    if (first == nullptr) return cut(std::bit_ceil(std::max(size, smallest)));
    Free* const block = std::exchange(first, first->next);
    block->next = nullptr;
    return reinterpret_cast<char*>(block);
  }
  // It is zeroed.
  void give(char* block, std::size_t size) {
    const std::lock_guard guard(mutex_);
    Free*& first = free_.at(class_of(size));
    first = new (block) Free{first};
  }

 private:
  struct Free {
    Free* next;
  };

  static constexpr std::size_t smallest = 64;
  static constexpr std::size_t span = 64 * 1024;

  static std::size_t class_of(std::size_t size) {
    return static_cast<std::size_t>(std::countr_zero(std::bit_ceil(std::max(size, smallest)) / smallest));
  }
  // The rest of a span that is too small for it is lost.
  char* cut(std::size_t size) {
    if (left_ < size) {
      next_ = map_pages(span, true);
      left_ = span;
    }
    left_ -= size;
    return std::exchange(next_, next_ + size);
  }

  std::mutex mutex_;
  std::array<Free*, 1 + std::countr_zero(largest_locked / smallest)> free_{};
  char* next_ = nullptr;
  std::size_t left_ = 0;
};

// Never destroyed: secrets may be given back at the very end.
Blocks& blocks() {
  static Blocks& all = *new Blocks;
  return all;
}

}  // namespace

char* take_secret_memory(std::size_t size) {
  if (size == 0) return nullptr;
  return size <= largest_locked ? blocks().take(size) : map_pages(size, false);
}

void give_secret_memory(char* memory, std::size_t size) {
  if (memory == nullptr) return;
  ::explicit_bzero(memory, size);
  if (size <= largest_locked) return blocks().give(memory, size);
  ::munmap(memory, size);
}

bool secret_memory_is_locked() { return all_locked; }

}  // namespace sallyport
