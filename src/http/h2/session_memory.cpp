// SPDX-License-Identifier: Apache-2.0
#include "http/h2/session_memory.hpp"

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <limits>

namespace sallyport::http::h2 {
namespace {

// In front of each block: its size, which free() does not tell.
constexpr std::size_t before = alignof(std::max_align_t);

std::size_t& size_of(void* block) { return *reinterpret_cast<std::size_t*>(static_cast<char*>(block) - before); }

void* allocate(std::size_t size, void* ledger) {
  if (size > std::numeric_limits<std::size_t>::max() - before) return nullptr;
  if (!static_cast<net::Ledger*>(ledger)->charge(size + before)) return nullptr;
  auto* const raw = static_cast<char*>(std::malloc(size + before));
  if (raw == nullptr) {
    static_cast<net::Ledger*>(ledger)->release(size + before);
    return nullptr;
  }
  size_of(raw + before) = size;
  return raw + before;
}

void release(void* block, void* ledger) {
  if (block == nullptr) return;
  static_cast<net::Ledger*>(ledger)->release(size_of(block) + before);
  std::free(static_cast<char*>(block) - before);
}

void* allocate_zeroed(std::size_t count, std::size_t size, void* ledger) {
  if (size != 0 && count > std::numeric_limits<std::size_t>::max() / size) return nullptr;
  void* const block = allocate(count * size, ledger);
  if (block != nullptr) std::memset(block, 0, count * size);
  return block;
}

void* reallocate(void* block, std::size_t size, void* ledger) {
  if (block == nullptr) return allocate(size, ledger);
  void* const larger = allocate(size, ledger);
  if (larger == nullptr) return nullptr;
  const std::size_t old = size_of(block);
  std::memcpy(larger, block, old < size ? old : size);
  release(block, ledger);
  return larger;
}

}  // namespace

SessionMemory::SessionMemory(net::Ledger& ledger)
    : functions_{.mem_user_data = &ledger,
                 .malloc = allocate,
                 .free = release,
                 .calloc = allocate_zeroed,
                 .realloc = reallocate} {}

}  // namespace sallyport::http::h2
